import { expect, test } from 'vitest';
import { RawRepl } from '../../../core/link/micropython/rawRepl.ts';
import { type ScriptedTransport, scriptedTransport } from '../../../core/link/scriptedTransport.ts';
import { ByteStream } from '../../../core/link/stream/byteStream.ts';
import { failure, Transcript } from '../../support/familyBench.ts';

const PASTE = '\x05A\x01';

/** A board without raw-paste mode that answers each piece of code as `answer` says. */
function board(answer: (code: string) => string): { repl: RawRepl; transport: ScriptedTransport } {
  let code = '';
  const transport = scriptedTransport((received, say) => {
    for (const character of received) {
      code += character;
      if (code.endsWith(PASTE)) {
        code = '';
        say('R\x00');
      } else if (code.endsWith('\x04')) {
        const whole = code.slice(0, -1);
        code = '';
        say(answer(whole));
      }
    }
  });
  const stream = new ByteStream({
    transport,
    clock: { nowMs: () => performance.now() },
    signal: new AbortController().signal,
    answerMs: 300,
    baudRate: 115_200,
  });
  return { repl: new RawRepl(stream, new Transcript()), transport };
}

const run = (repl: RawRepl, code: string): Promise<string> => repl.run({ code, shownAs: code });

test('an answer that comes late is not taken for the next one', async () => {
  const { repl, transport } = board((code) => `OK${code} done\x04\x04>`);
  expect(await run(repl, 'first')).toBe('first done');
  transport.say('OKfirst again\x04\x04>');
  expect(await run(repl, 'second')).toBe('second done');
});

test.each([
  ['OK\x04Traceback (most recent call last):\r\nOSError: 28\r\n\x04>', 'device_store_full'],
  ['OK\x04MemoryError: memory allocation failed\r\n\x04>', 'device_refused'],
  // The code is the station's own and can be parsed: it was damaged on the way.
  ['OK\x04Traceback (most recent call last):\r\nSyntaxError: invalid syntax\r\n\x04>', 'bytes_lost'],
  ['OK\x04\xff\xc0 noise\x04>', 'device_answer_invalid'],
])('what a board says of failed code is told from noise: %j', async (answer, code) => {
  const { repl } = board(() => answer);
  expect((await failure(run(repl, 'x'))).code).toBe(code);
});
