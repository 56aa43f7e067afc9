// What the kill sweeps ask after every cut: the invariants, what recovery must have decided, and that no private key lies
// anywhere that the station could have written to: its data folder with transcripts and write-ahead log, the folders that
// its process takes for temporary or for home, and what it printed.

import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CliOptions, CliResult } from './cliProcess.ts';
import { type CliWorld, provisionWithCli, type TestStation } from './cliStation.ts';
import { filesWithKey } from './keyScan.ts';
import { lookAt } from './records.ts';

/** What must be true of a data folder however its last process ended. */
export function expectAlwaysTrue(station: TestStation, settled: boolean): void {
  lookAt(station, (inventory) => {
    expect(inventory.checkInvariants({ settled })).toEqual([]);
    expect(inventory.verifyAudit()).toMatchObject({ intact: true });
  });
}

export interface Recovered {
  readonly phase?: string;
  readonly foundState?: string;
  readonly action: string;
  readonly outcome: string;
}

/** What must have been decided, by the state that the cut left: the third column of docs/issuance-cycle.md. */
export const DECISIONS: Readonly<Record<string, Pick<Recovered, 'action' | 'outcome'>>> = {
  none: { action: 'none', outcome: 'aborted' },
  reserved: { action: 'voided', outcome: 'aborted' },
  prepared: { action: 'voided', outcome: 'aborted' },
  issued: { action: 'revoked', outcome: 'aborted' },
  installed: { action: 'revoked', outcome: 'aborted' },
  verified: { action: 'none', outcome: 'pass' },
  sealed: { action: 'none', outcome: 'pass' },
};

const besides = (station: TestStation): string => join(station.beside, 'written');

/** Options under which everything that the process writes outside the data folder lies where it is scanned. */
export function watched(station: TestStation, options: CliOptions = {}): CliOptions {
  const folder = join(besides(station), 'temporary');
  mkdirSync(folder, { recursive: true });
  return { ...options, env: { ...options.env, TMPDIR: folder, HOME: folder } };
}

/** Keeps what a process printed, to be scanned with the rest. */
export function keepOutput(station: TestStation, result: CliResult): CliResult {
  appendFileSync(join(besides(station), 'printed.txt'), result.stdout + result.stderr);
  return result;
}

export function expectNoKey(station: TestStation, keys: readonly Uint8Array[]): void {
  expect([...filesWithKey(station.data, keys), ...filesWithKey(besides(station), keys)]).toEqual([]);
}

/** A station whose edge server has its credential already: issuing that one is swept by edgeCredentialSweep.test.ts. */
export async function openedStation(world: CliWorld): Promise<TestStation> {
  const station = world.station();
  const opened = await provisionWithCli(station, join(station.beside, 'no-port'), 'SWEEP-NOBODY');
  if (opened.code !== 3) throw new Error(opened.stdout + opened.stderr);
  return station;
}

/** With KEYLINE_SWEEP=all every point that has a name; otherwise those with nothing but another name between are left out. */
export const isDistinct = (point: string): boolean =>
  process.env.KEYLINE_SWEEP === 'all' ||
  // The same as “in X”; as “between X and the next”; as the “between” before it.
  !/^(after beginPhase|after endPhase|before beginPhase (?!open))/.test(point);
