// Whatever a device sends, of any length and in any pieces: the driver ends with a StationError, in bounded time.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../../core/domain/secret.ts';
import { asStationError, StationError } from '../../../core/domain/stationError.ts';
import { parseTarget } from '../../../core/domain/target.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { scriptedTransport } from '../../../core/link/scriptedTransport.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';

const ANSWER_MS = 60;
const target = parseTarget(
  { name: 'board', version: 1, title: 'Board', driver: 'zephyr', timeouts: { answerMs: ANSWER_MS } },
  'test',
);
const PROMPT = 'uart:~$ ';

/** Pieces of what a real shell says, and anything else. */
const utterance = fc.oneof(
  fc.constantFrom(
    `\r\n${PROMPT}`,
    `${PROMPT}cred list`,
    '0 credentials found.\r\n',
    '3 credentials found.\r\n',
    '1,PK,ERROR,-95\r\n',
    '1,CA,WDP6bfH3/ZE+f2Ohji9/L/51Mnk661RQWkEIiBUhP34=,0\r\n',
    'Stored 184 bytes.\r\n',
    'Stored 99999999999999999999 bytes.\r\n',
    'Credential buffer cleared.\r\n',
    'ID: 0x00\r\n',
    'Zephyr version \x1b[1A9\r\n',
    '*** Booting Zephyr OS ***\r\n',
    '\x1b[999999999D\x1b[J\x1b[99A',
    'cred: command not found\r\n',
    '\x1b]',
    '\x1b[2J',
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat({ max: 3_000 }))
    .map(([bytes, times]) => Buffer.from(bytes).toString('latin1').repeat(times)),
);

/** Works like a shell for a while, then says what it likes. */
function hostileDevice(answers: readonly string[], honestBytes: number, echo: boolean) {
  let line = '';
  let count = 0;
  let next = 0;
  return scriptedTransport((received, say) => {
    for (const character of received) {
      count += 1;
      if (count > honestBytes) {
        const answer = answers[next % Math.max(1, answers.length)];
        next += 1;
        if (answer !== undefined && next < 400) say(answer);
        continue;
      }
      if (character === '\x03') {
        line = '';
        say(`\r\n${PROMPT}`);
      } else if (character === '\r') {
        say(`\r\n${line === 'cred list' ? '0 credentials found.\r\n' : ''}${PROMPT}`);
        line = '';
      } else {
        line += character;
        if (echo) say(character);
      }
    }
  });
}

async function provision(transport: ReturnType<typeof scriptedTransport>): Promise<unknown> {
  const link = createLink({ drivers: [zephyrDriver], openTransport: async () => transport });
  let session: Awaited<ReturnType<typeof link.open>> | undefined;
  try {
    session = await link.open({
      portPath: 'x',
      target,
      transcript: { write: () => {} },
      signal: new AbortController().signal,
    });
    await session.identify();
    const plan = session.plan({
      caDer: new Uint8Array(300),
      chainDer: [new Uint8Array(300)],
      privateKeyPkcs8: new Secret(new Uint8Array(138)),
    });
    await session.install(plan, { replace: true, onProgress: () => {} });
    return await session.verify(plan);
  } catch (error) {
    return error;
  } finally {
    await session?.close();
  }
}

test('arbitrary answers end in a StationError that was foreseen', async () => {
  const codes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(utterance, { maxLength: 12 }),
      fc.integer({ min: 0, max: 600 }),
      fc.boolean(),
      async (answers, honestBytes, echo) => {
        const outcome = await provision(hostileDevice(answers, honestBytes, echo));
        expect(outcome).toBeInstanceOf(StationError);
        const { code } = asStationError(outcome);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        expect(code).not.toBe('internal');
      },
    ),
    { numRuns: 30, interruptAfterTimeLimit: 45_000 },
  );
  expect(codes.size).toBeGreaterThan(2);
});

test('a device that never stops takes no more than bounded memory', async () => {
  const transport = scriptedTransport();
  const flood = setInterval(() => transport.say(Buffer.alloc(60_000, 0x41)), 1);
  const before = process.memoryUsage().heapUsed;
  try {
    expect(asStationError(await provision(transport)).code).toBe('device_babbles');
  } finally {
    clearInterval(flood);
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
});
