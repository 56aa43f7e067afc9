// Devices that mean harm in the middle of an honest conversation: endless output in the shape of answers, a line that takes no
// more bytes, lengths that nobody should believe. Every driver ends by itself, without a phase's time limit behind it.

import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { memoryTransport, type Transport } from '../../../core/link/transport.ts';
import { Chip, defaultChip } from '../../../core/simulator/esp32/chip.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import {
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';
import { measure, type Phase } from './cells.ts';
import { type Contestant, contestants } from './contestants.ts';

const authority = leafAuthority();

const ANSWER_MS = 250;
const LONGEST_RUN_MS = 20_000;
const FLOOD_PIECE_BYTES = 4_096;
const PHASES: readonly Phase[] = ['identify', 'install', 'verify'];

/** The contestant with a short answer time. */
function hasty(contestant: Contestant): Contestant {
  const { target } = contestant;
  const { write, keygenMs } = target.options as { write?: object; keygenMs?: number };
  const options = {
    ...target.options,
    ...(write === undefined ? {} : { write: { ...write, silenceMs: ANSWER_MS } }),
    ...(keygenMs === undefined ? {} : { keygenMs: 1_000 }),
  };
  const answerMs = target.driver === 'esp32' ? 1_000 : ANSWER_MS;
  return { ...contestant, target: { ...target, timeouts: { ...target.timeouts, answerMs }, options } };
}

/** How `work` ends: an error's code, or that it does not. */
async function endOf(work: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('HANGS'), LONGEST_RUN_MS);
  });
  try {
    return await Promise.race([work().then(() => 'pass'), late]);
  } catch (error) {
    return error instanceof StationError ? error.code : `CRASH ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

/** Honest for so many bytes of the host, then `text` at full speed for ever. */
function flooding(make: MakeLineDevice, afterBytes: number, text: string): MakeLineDevice {
  const flood = Buffer.from(text.repeat(Math.ceil(FLOOD_PIECE_BYTES / text.length)), 'latin1');
  return (send) => {
    let heard = 0;
    let timer: NodeJS.Timeout | undefined;
    const device = make((bytes) => timer === undefined && send(bytes));
    return {
      reboot: () => device.reboot(),
      swap: () => device.swap(),
      powerOff() {
        clearInterval(timer);
        device.powerOff();
      },
      receive(bytes) {
        heard += bytes.length;
        if (heard < afterBytes) device.receive(bytes);
        else timer ??= setInterval(() => send(flood), 1);
      },
    };
  };
}

const FLOODS: readonly (readonly [string, string])[] = [
  ['unsolicited codes', '+CREG: 1,"00C3"\r\n'],
  ['prompts', '\r\n> '],
  ['rows of a list', '%CMNG: 16842753,0,"00"\r\n1,CA,ERROR,-1\r\nKL-there yes\r\n'],
  ['grants of a window', '\x01'],
  ['frames', '\x06\x09AAwAAAAAAAAAAAAAAAAA\n\xc0\x01\x0a\x02\x00\x00\x00\x00\x00\x00\x00\xc0'],
];

describe.concurrent.each(contestants.map(hasty))('$name', (contestant) => {
  it.each(FLOODS)('gives up on %s without end', { timeout: 120_000 }, async (_, text) => {
    const spans = (await measure(contestant, authority())).toDevice;
    for (const phase of PHASES) {
      const [from, to] = spans.get(phase) ?? [0, 0];
      const make = flooding(contestant.newSubject().make, Math.floor((from + to) / 2) + 1, text);
      const { pipe, device } = memoryPipe(make);
      const transcript = new Transcript();
      const end = await endOf(async () => {
        const session = await openInMemory(contestant.driver, contestant.target, pipe, { transcript });
        try {
          await runCycle(session, authority());
        } finally {
          await session.close();
        }
      });
      device.powerOff();
      expect([phase, end]).not.toEqual([phase, 'HANGS']);
      expect([phase, end]).not.toEqual([phase, expect.stringMatching(/^(CRASH|internal)/)]);
      // What stands in the record is bounded, too.
      expect(transcript.text.length).toBeLessThan(1_000_000);
    }
  });

  it('ends where the line takes no more bytes, also when it is closed', { timeout: 120_000 }, async () => {
    const spans = (await measure(contestant, authority())).toDevice;
    for (const phase of PHASES) {
      const [from, to] = spans.get(phase) ?? [0, 0];
      const { pipe, device } = memoryPipe(contestant.newSubject().make);
      const open = blockedAfter(memoryTransport(pipe), Math.floor((from + to) / 2) + 1);
      const link = createLink({ drivers: [contestant.driver], openTransport: async () => open });
      const end = await endOf(async () => {
        const session = await link.open({
          portPath: 'memory',
          target: contestant.target,
          transcript: new Transcript(),
          signal: new AbortController().signal,
        });
        try {
          await runCycle(session, authority());
        } finally {
          await session.close();
        }
      });
      device.powerOff();
      expect([phase, end]).not.toEqual([phase, 'HANGS']);
      expect([phase, end]).not.toEqual([phase, 'pass']);
    }
  });
});

/** Flow control that holds a write up for ever, once so many bytes went through. */
function blockedAfter(transport: Transport, afterBytes: number): Transport {
  let sent = 0;
  return {
    ...transport,
    write(bytes) {
      sent += bytes.length;
      return sent < afterBytes ? transport.write(bytes) : new Promise(() => {});
    },
  };
}

describe('a partition table of an ESP32', () => {
  it.each([0x7fff_f000, 0xffff_ffff, 0x1001, 0])(
    'whose credential partition has %d bytes is not believed',
    { timeout: 30_000 },
    async (sizeBytes) => {
      const esp32 = contestants.find(({ name }) => name === 'esp32-secure-cert');
      if (esp32 === undefined) throw new Error('no esp32');
      const partitions = defaultChip.partitions.map((row) =>
        row.name === 'esp_secure_cert' ? { ...row, sizeBytes } : row,
      );
      const { pipe, device } = memoryPipe((send) => new Chip({ ...defaultChip, partitions }, send));
      const session = await openInMemory(esp32.driver, esp32.target, pipe);
      try {
        const error = await failure(session.identify());
        expect(error.code).toBe('device_answer_invalid');
        expect(error.details).toMatchObject({ what: 'partition table', reason: 'size' });
      } finally {
        await session.close();
        device.powerOff();
      }
    },
  );
});
