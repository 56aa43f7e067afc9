import { describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import {
  type Script,
  type ScriptedTransport,
  scriptedTransport,
} from '../../../core/link/scriptedTransport.ts';
import type { Command } from '../../../core/link/session/exchange.ts';
import { learnEcho, learnPrompt } from '../../../core/link/session/greeting.ts';
import { LineSession } from '../../../core/link/session/lineSession.ts';

const PROMPT = 'acme:~# ';
const stored: Command['isFinal'] = (row) => /^Stored \d+ bytes\.$/.test(row);

/** A shell that echoes each character and answers `store X` with the number of characters it read. */
function shell(
  options: { readonly dropAt?: number; readonly echo?: boolean; readonly deafAfter?: number } = {},
): Script {
  let line = '';
  let count = 0;
  const { echo = true } = options;
  return (received, say) => {
    for (const character of received) {
      count += 1;
      if (count === options.dropAt || count > (options.deafAfter ?? Number.POSITIVE_INFINITY)) continue;
      if (character === '\x03') {
        line = '';
        say(`\r\n${PROMPT}`);
      } else if (character === '\r') {
        const argument = /^store (.*)$/.exec(line)?.[1];
        say(`\r\n${argument === undefined ? '' : `Stored ${argument.length} bytes.\r\n`}${PROMPT}`);
        line = '';
      } else {
        line += character;
        if (echo) say(character);
      }
    }
  };
}

function sessionOver(
  transport: ScriptedTransport,
  options: { answerMs?: number; signal?: AbortSignal } = {},
): LineSession {
  return new LineSession({
    transport,
    transcript: { write: () => {} },
    clock: { nowMs: () => performance.now() },
    signal: options.signal ?? new AbortController().signal,
    answerMs: options.answerMs ?? 400,
    baudRate: 115_200,
  });
}

async function greeted(script: Script, options?: { answerMs?: number; signal?: AbortSignal }) {
  const transport = scriptedTransport(script);
  const line = sessionOver(transport, options);
  await learnPrompt(line);
  await learnEcho(line, { text: 'store hello', isFinal: stored ?? (() => false) });
  return { transport, line };
}

const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  }
  return 'none';
};

describe('greeting', () => {
  test('learns any prompt and that the shell echoes', async () => {
    const { line } = await greeted(shell());
    expect([line.prompt, line.echo]).toEqual([PROMPT, true]);
  });

  test('learns that a shell does not echo', async () => {
    const { line } = await greeted(shell({ echo: false }));
    expect(line.echo).toBe(false);
    expect((await line.run({ text: 'store abc', isFinal: stored })).rows).toEqual(['Stored 3 bytes.']);
  });

  test.each([
    ['device_silent', () => {}],
    ['device_login_required', (_: string, say: (text: string) => void) => say('\r\nlogin: ')],
    ['device_protocol_unknown', (_: string, say: (text: string) => void) => say('\r\nERROR\r\n')],
  ] as const)('tells %s', async (code, script) => {
    expect(await failure(learnPrompt(sessionOver(scriptedTransport(script))))).toBe(code);
  });

  test('tells a device that never stops talking', async () => {
    const transport = scriptedTransport();
    const chatter = setInterval(() => transport.say(`${'x'.repeat(4_000)}\r\n`), 1);
    try {
      expect(await failure(learnPrompt(sessionOver(transport)))).toBe('device_babbles');
    } finally {
      clearInterval(chatter);
    }
  });
});

describe('a command', () => {
  test('gets its reply, whole', async () => {
    const { line } = await greeted(shell());
    expect(await line.run({ text: 'store abcd', isFinal: stored })).toEqual({
      rows: ['Stored 4 bytes.'],
      complete: true,
    });
    expect(line.idle).toBe(true);
  });

  test('without a final row ends when the prompt stays', async () => {
    const { line } = await greeted(shell());
    expect(await line.run({ text: 'store abcd' })).toEqual({ rows: ['Stored 4 bytes.'], complete: true });
    expect(await line.run({ text: 'other', isFinal: stored })).toEqual({ rows: [], complete: false });
  });

  test('overlaps with the beginning of the next', async () => {
    const { line, transport } = await greeted(shell());
    const seen: string[] = [];
    const commands = ['a', 'bb', 'ccc'].map((text) => ({
      text: `store ${text.repeat(100)}`,
      isFinal: stored,
    }));
    await line.runAll(commands as Command[], (reply) => seen.push(reply.rows.join()));
    expect(seen).toEqual(['Stored 100 bytes.', 'Stored 200 bytes.', 'Stored 300 bytes.']);
    expect(transport.received).toContain(commands.map(({ text }) => `${text}\r`).join(''));
  });

  test('never has more than a window under way', async () => {
    const waiting: string[] = [];
    let underWay = 0;
    let most = 0;
    const inner = shell();
    const { line, transport } = await greeted(inner);
    // From here the device reads with a delay, as a busy one does.
    const slow = scriptedTransport((received) => {
      underWay += received.length;
      most = Math.max(most, underWay);
      waiting.push(received);
    });
    const later = setInterval(() => {
      const received = waiting.shift();
      if (received === undefined) return;
      underWay -= received.length;
      inner(received, slow.say);
    }, 1);
    try {
      const slowLine = sessionOver(slow);
      Object.assign(slowLine, { prompt: line.prompt, echo: true });
      slow.say(`\r\n${PROMPT}`);
      const commands = [150, 90, 10].map((length) => ({
        text: `store ${'A'.repeat(length)}`,
        isFinal: stored,
      }));
      await slowLine.runAll(commands as Command[], () => {});
      expect(most).toBeLessThanOrEqual(60);
      expect(most).toBeGreaterThan(30);
    } finally {
      clearInterval(later);
      await transport.close();
    }
  });

  test('of which a byte is lost is told, dropped and can be typed again', async () => {
    const greeting = 15;
    const { line } = await greeted(shell({ dropAt: greeting + 20 }));
    const command: Command = { text: `store ${'A'.repeat(40)}`, isFinal: stored, confirmEcho: true };
    expect(await failure(line.run(command))).toBe('bytes_lost');
    await line.interrupt({ settle: true });
    expect((await line.run(command)).rows).toEqual(['Stored 40 bytes.']);
  });

  test('is not run before its echo was right, if it says so', async () => {
    const { line, transport } = await greeted(shell({ dropAt: 22 }));
    expect(await failure(line.run({ text: 'store ABCDEFGH', isFinal: stored, confirmEcho: true }))).toBe(
      'bytes_lost',
    );
    expect(transport.received).toMatch(/store ABCDEFGH$/);
  });

  test('ends with the device: silence, a vanished port, an abort', async () => {
    const deaf = await greeted(shell({ deafAfter: 15 }));
    expect(await failure(deaf.line.run({ text: 'store a', isFinal: stored }))).toBe('device_silent');

    const gone = await greeted(shell({ deafAfter: 15 }), { answerMs: 60_000 });
    const pending = failure(gone.line.run({ text: 'store a', isFinal: stored }));
    gone.transport.vanish();
    expect(await pending).toBe('device_gone');
    expect(await failure(gone.line.run({ text: 'store a' }))).toBe('device_gone');

    const controller = new AbortController();
    const aborted = await greeted(shell({ deafAfter: 15 }), { answerMs: 60_000, signal: controller.signal });
    const waiting = failure(aborted.line.run({ text: 'store a', isFinal: stored }));
    controller.abort(new StationError('phase_timeout', {}));
    expect(await waiting).toBe('phase_timeout');
  });

  test('ends when the line takes no more bytes', async () => {
    const blocked = (signal?: AbortSignal) =>
      sessionOver(
        { ...scriptedTransport(), write: () => new Promise<void>(() => {}) },
        signal ? { answerMs: 60_000, signal } : {},
      );
    expect(await failure(learnPrompt(blocked()))).toBe('device_silent');
    const controller = new AbortController();
    const waiting = failure(learnPrompt(blocked(controller.signal)));
    controller.abort();
    expect(await waiting).toBe('interrupted');
  });

  test('ends when only noise comes', async () => {
    const { line, transport } = await greeted(shell({ deafAfter: 15 }), { answerMs: 100 });
    const noise = setInterval(() => transport.say('\r\nnoise\r\n'), 10);
    try {
      expect(await failure(line.run({ text: 'store a', isFinal: stored }))).toMatch(
        /^(device_babbles|bytes_lost)$/,
      );
    } finally {
      clearInterval(noise);
    }
  });
});

describe('the length of a line', () => {
  test('is measured by its echo and leaves nothing behind', async () => {
    let line = '';
    const { line: session, transport } = await greeted((received, say) => {
      for (const character of received) {
        if (character === '\x03' || character === '\r') {
          say(`\r\n${line.startsWith('store') && character === '\r' ? 'Stored 5 bytes.\r\n' : ''}${PROMPT}`);
          line = '';
        } else if (line.length < 100) {
          line += character;
          say(character);
        }
      }
    });
    expect(await session.measureEcho('#'.repeat(80))).toBe(80);
    expect(await session.measureEcho('#'.repeat(200))).toBe(100);
    expect(line).toBe('');
    expect(transport.received).not.toMatch(/#\r/);
  });
});
