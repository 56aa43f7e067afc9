// Hostile devices: bytes of any kind and length, answers with damage in them, and output that never ends. No driver may
// crash, hang past its time, keep without bound, or call something provisioned that is not.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { leafAuthority, memoryPipe, openInMemory, runCycle } from '../../support/familyBench.ts';
import { type Contestant, contestants, sha256 } from './contestants.ts';

const authority = leafAuthority();

const ANSWER_MS = 40;
const LONGEST_RUN_MS = 60_000;
const FLOOD_BYTES = 8 * 1024 * 1024;
const FLOOD_PIECES = 1_024;
const COLLECTIONS = 4;
const COLLECTION_PAUSE_MS = 10;
const SLEEPER = new Int32Array(new SharedArrayBuffer(4));
/** What any driver may keep, and what the measuring itself leaves behind. */
const KEPT_MAX_BYTES = 2 * 1024 * 1024;

/** The contestant with waits so short that a run that ends at all ends soon. */
function hurried(contestant: Contestant): Contestant {
  const { target } = contestant;
  const { write, keygenMs } = target.options as { write?: object; keygenMs?: number };
  const options = {
    ...target.options,
    ...(write === undefined ? {} : { write: { ...write, silenceMs: 100 } }),
    ...(keygenMs === undefined ? {} : { keygenMs: 1_000 }),
    ...(target.driver === 'esp32' ? { connectAttempts: 1 } : {}),
  };
  const answerMs = target.driver === 'esp32' ? 400 : ANSWER_MS;
  return { ...contestant, target: { ...target, timeouts: { ...target.timeouts, answerMs }, options } };
}

/** Says the pieces one after the other, one for each piece it hears. */
const parrot =
  (pieces: readonly Uint8Array[]): MakeLineDevice =>
  (send) => {
    let next = 0;
    return {
      receive() {
        const piece = pieces[next % Math.max(1, pieces.length)];
        next += 1;
        if (piece !== undefined) queueMicrotask(() => send(piece));
      },
      reboot() {},
      swap() {},
      powerOff() {},
    };
  };

/** The real answers, each `every`th byte replaced by the next of `damage`. */
const damaged =
  (make: MakeLineDevice, every: number, damage: Uint8Array): MakeLineDevice =>
  (send) => {
    let count = 0;
    return make((bytes) => {
      const copy = Uint8Array.from(bytes, (byte) => {
        count += 1;
        return count % every === 0 ? (damage[Math.floor(count / every) % damage.length] ?? byte) : byte;
      });
      send(copy);
    });
  };

async function outcomeOf(
  contestant: Contestant,
  make: MakeLineDevice,
  held: () => Uint8Array | undefined,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('HANGS'), LONGEST_RUN_MS);
  });
  const { pipe } = memoryPipe(make);
  const run = async (): Promise<string> => {
    const session = await openInMemory(contestant.driver, contestant.target, pipe);
    try {
      const result = await runCycle(session, authority());
      if (sha256(held()) === sha256(result.certificateDer)) return 'pass';
      return result.verifications.every(({ check }) => check === 'impossible' || check === 'length-only')
        ? 'unproved'
        : 'FALSE PASS';
    } finally {
      await session.close();
    }
  };
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    return error instanceof StationError ? error.code : `CRASH ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes in use, garbage left out: what several collections leave, since buffers are freed by another thread. It sleeps without
 * letting anything else run.
 */
function bytesInUse(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < COLLECTIONS; count += 1) {
    collectGarbage();
    Atomics.wait(SLEEPER, 0, 0, COLLECTION_PAUSE_MS);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
}

/** Words that protocols listen for, so that noise gets further than the first line. */
const words = [
  'OK',
  'ERROR',
  '>',
  'CONNECT',
  '\r\n',
  '+CME ERROR: 513',
  '352656100367872',
  '"',
  '\x04',
  '\x01',
  'R\x01\x80\0',
  'raw REPL; CTRL-B to exit\r\n>',
  '%CMNG: 16842753,1,"',
  'uart:~$ ',
  '\xc0\x01\x08\0\0\0\0\0\0\0\0\xc0',
];
const noise = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc
      .array(fc.constantFrom(...words), { maxLength: 6 })
      .map((parts) => Uint8Array.from(Buffer.from(parts.join(''), 'latin1'))),
  ),
  { minLength: 1, maxLength: 12 },
);

describe.concurrent.each(contestants.map(hurried))('$name', (contestant) => {
  const runs = contestant.target.driver === 'esp32' ? 8 : 40;
  const fine = (outcome: string): boolean => !/^(CRASH|HANGS|FALSE|internal)/.test(outcome);

  it('survives noise made of its own words', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(noise, async (pieces) => {
        const outcome = await outcomeOf(contestant, parrot(pieces), () => undefined);
        expect(fine(outcome), outcome).toBe(true);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });

  it('survives damage in real answers', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 900 }),
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        async (every, damage) => {
          const subject = contestant.newSubject();
          const outcome = await outcomeOf(contestant, damaged(subject.make, every, damage), () =>
            subject.heldCertificate(),
          );
          expect(fine(outcome), outcome).toBe(true);
        },
      ),
      { numRuns: runs, endOnFailure: true },
    );
  });

  it('gives up on output that never ends', { timeout: 60_000 }, async () => {
    const flood = Buffer.alloc(8_192, 'x');
    let timer: NodeJS.Timeout | undefined;
    const make: MakeLineDevice = (send) => {
      timer = setInterval(() => send(flood), 1);
      return { receive() {}, reboot() {}, swap() {}, powerOff: () => clearInterval(timer) };
    };
    const outcome = await outcomeOf(contestant, make, () => undefined);
    clearInterval(timer);
    expect(['device_babbles', 'device_protocol_unknown', 'device_silent']).toContain(outcome);
  });
});

// One after the other: a flood lets nothing else run, and what others keep meanwhile would be counted in.
describe.each(contestants.map(hurried))('$name', (contestant) => {
  it('keeps little of what floods it', { timeout: 60_000 }, async () => {
    const piece = Buffer.alloc(FLOOD_BYTES / FLOOD_PIECES, 'x');
    let keptBytes: number | undefined;
    const make: MakeLineDevice = (send) => ({
      receive() {
        if (keptBytes !== undefined) return;
        // In one go: nothing else runs in between, and the driver has no time to give up and forget.
        const before = bytesInUse();
        for (let count = 0; count < FLOOD_PIECES; count += 1) send(piece);
        keptBytes = bytesInUse() - before;
      },
      reboot() {},
      swap() {},
      powerOff() {},
    });
    const outcome = await outcomeOf(contestant, make, () => undefined);
    expect(['device_babbles', 'device_protocol_unknown', 'device_silent']).toContain(outcome);
    expect(keptBytes).toBeLessThan(KEPT_MAX_BYTES);
  });
});
