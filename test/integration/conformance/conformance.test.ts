// Every driver in every situation, each over a real pseudo-terminal. A cell passes when the run ends in time, either with a
// device that really holds what was installed, or with an error that blames the device and never with a wrong "pass".

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { ERROR_SIDES, StationError } from '../../../core/domain/stationError.ts';
import type { LineEvent, LineFault } from '../../../core/simulator/lineDevice.ts';
import {
  leafAuthority,
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  runCycle,
} from '../../support/familyBench.ts';
import { type Contestant, contestants, sha256 } from './contestants.ts';

const PHASES = ['open', 'identify', 'install', 'verify'] as const;
type Phase = (typeof PHASES)[number];

const LOG_LINE = Buffer.from('\r\n[00:00:12.345,678] <inf> app: OK then\r\n', 'latin1');
/** Everything that could be taken for something: quotes, prompts, finals, control bytes, half an escape sequence. */
const GARBAGE = Buffer.from('\r\n"\xc0\xdb> \x00\x04\xff\x1b[\x07CONNECT\r\nERR\r\n\x03~', 'latin1');

interface Situation {
  readonly name: string;
  readonly event: LineEvent;
  readonly phases: readonly Phase[];
  /** Where only one ending is right. */
  readonly expected?: readonly string[];
}

const situations: readonly Situation[] = [
  { name: 'unplugged', event: { kind: 'unplug' }, phases: PHASES, expected: ['device_gone'] },
  { name: 'silent', event: { kind: 'silence' }, phases: PHASES },
  { name: 'rebooted', event: { kind: 'reboot' }, phases: PHASES },
  { name: 'garbage', event: { kind: 'noise', bytes: GARBAGE }, phases: PHASES },
  { name: 'log line', event: { kind: 'noise', bytes: LOG_LINE }, phases: PHASES },
  { name: 'bytes lost', event: { kind: 'loss', count: 7 }, phases: PHASES },
  {
    name: 'other device',
    event: { kind: 'swap' },
    phases: ['install', 'verify'],
    expected: ['device_changed'],
  },
];

const authority = leafAuthority();
const table = new Map<string, Map<string, string>>();
afterAll(() => {
  const columns = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))];
  const rows = columns.map((situation) => [
    situation,
    ...[...table.values()].map((cells) => cells.get(situation) ?? '-'),
  ]);
  const all = [['situation', ...table.keys()], ...rows];
  const widths = all[0]?.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0))) ?? [];
  const text = all
    .map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '))
    .join('\n');
  process.stdout.write(`\n${text}\n`);
  // Set by `KEYLINE_CONFORMANCE_PAGE=1`: the page holds what this run printed.
  if (process.env.KEYLINE_CONFORMANCE_PAGE === '1') writePage(text);
});

const page = fileURLToPath(new URL('../../../docs/targets/conformance.md', import.meta.url));

/** Puts the table between the fences of the page; the text around it is written by hand. */
function writePage(tableText: string): void {
  const [before, , after] = readFileSync(page, 'utf8').split(/^```.*$/m);
  writeFileSync(page, `${before}\`\`\`text\n${tableText.replace(/ +$/gm, '')}\n\`\`\`${after}`);
}

/** How many bytes the host has sent when each phase begins and ends, from a run without fault. */
async function measure(contestant: Contestant): Promise<ReadonlyMap<Phase, readonly [number, number]>> {
  const subject = contestant.newSubject();
  const { pipe } = memoryPipe(subject.make);
  let sent = 0;
  const counting = {
    ...pipe,
    write(bytes: Uint8Array) {
      sent += bytes.length;
      pipe.write(bytes);
    },
  };
  const spans = new Map<Phase, readonly [number, number]>();
  const session = await openInMemory(contestant.driver, contestant.target, counting);
  spans.set('open', [0, sent]);
  const openedAt = sent;
  let installedFrom = 0;
  let verifiedFrom = 0;
  await runCycle(session, authority(), {
    beforeInstall: () => {
      installedFrom = sent;
    },
    beforeVerify: () => {
      verifiedFrom = sent;
    },
  });
  spans.set('identify', [openedAt, installedFrom]);
  spans.set('install', [installedFrom, verifiedFrom]);
  spans.set('verify', [verifiedFrom, sent]);
  await session.close();
  return spans;
}

async function runCell(
  contestant: Contestant,
  fault: LineFault | undefined,
  swapBefore?: Phase,
): Promise<string> {
  const subject = contestant.newSubject();
  const { portPath, device, unplug } = await plugIn(subject.make, fault);
  let session: DeviceSession | undefined;
  try {
    session = await openOnPort(contestant.driver, contestant.target, portPath);
    const { certificateDer, verifications } = await runCycle(session, authority(), {
      beforeInstall: () => swapBefore === 'install' && device.swap(),
      beforeVerify: () => swapBefore === 'verify' && device.swap(),
    });
    if (sha256(subject.heldCertificate()) === sha256(certificateDer)) return 'pass';
    // Only a module that cannot be asked what it holds may end like this, and it says so.
    return verifications.every(({ check }) => check === 'impossible' || check === 'length-only')
      ? 'unproved'
      : 'FALSE PASS';
  } catch (error) {
    if (error instanceof StationError) return error.code;
    return `CRASH ${String(error)}`;
  } finally {
    await session?.close();
    unplug();
  }
}

describe.concurrent.each(contestants)('$name', (contestant) => {
  it('holds its ground in every situation', { timeout: 300_000 }, async () => {
    const cells = new Map<string, string>();
    table.set(contestant.name, cells);
    cells.set('nothing wrong', await runCell(contestant, undefined));
    const spans = await measure(contestant);
    for (const { name, event, phases, expected } of situations) {
      for (const phase of phases) {
        const [from, to] = spans.get(phase) ?? [0, 0];
        const fault = { afterBytes: Math.floor((from + to) / 2) + 1, event };
        const swapped = event.kind === 'swap';
        const outcome = await runCell(contestant, swapped ? undefined : fault, swapped ? phase : undefined);
        cells.set(`${name}, ${phase}`, outcome);
        if (expected !== undefined) expect(expected, `${name}, ${phase}`).toContain(outcome);
      }
    }
    expect(cells.get('nothing wrong')).toBe('pass');
    for (const [situation, outcome] of cells) {
      const blamesDevice =
        outcome in ERROR_SIDES && ERROR_SIDES[outcome as keyof typeof ERROR_SIDES] === 'device';
      const accepted =
        outcome === 'pass' || outcome === 'unproved' || outcome === 'slot_taken' || blamesDevice;
      expect(accepted, `${situation}: ${outcome}`).toBe(true);
    }
  });
});
