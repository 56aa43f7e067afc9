// A computer whose clock is set back: at any moment of a run, and before the next start recovers.

import { afterEach, expect, test } from 'vitest';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { StationPorts } from '../../../core/station/ports/all.ts';
import { provision } from '../../../core/station/provision/provision.ts';
import { recover } from '../../../core/station/recovery.ts';
import { createBench, profile, type StationBench, target } from '../../support/fakePorts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Goes forwards by a millisecond a look, until it is set back. */
class SettableClock {
  #nowMs = Date.now();
  looks = 0;
  backAtLook = Number.POSITIVE_INFINITY;
  nowMs(): number {
    this.looks += 1;
    if (this.looks === this.backAtLook) this.#nowMs -= 2 * DAY_MS;
    this.#nowMs += 1;
    return this.#nowMs;
  }
  set(byMs: number): void {
    this.#nowMs += byMs;
  }
}

let bench: StationBench;
afterEach(() => bench.close());

let unit = 0;
function run(ports: StationPorts = bench.ports) {
  unit += 1;
  const portPath = `port-${unit}`;
  bench.devices.set(portPath, {});
  return provision(ports, {
    deviceSerial: parseDeviceSerial(`CLOCK-${unit}`),
    orderId: undefined,
    orderName: undefined,
    bayName: 'bay-1',
    portPath,
    operatorName: 'tester',
    site: 'Test site',
    target,
    profile,
    replace: false,
    signal: new AbortController().signal,
    listener: () => {},
  });
}

test('set back at any moment of a run, it ends the run or is recorded as it was, and breaks nothing', async () => {
  const clock = new SettableClock();
  bench = createBench({ clock });
  expect((await run()).outcome).toBe('pass');
  const before = clock.looks;
  expect((await run()).outcome).toBe('pass');
  const looksOfARun = clock.looks - before;
  const outcomes: string[] = [];
  for (let look = 1; look <= looksOfARun; look += 1) {
    clock.backAtLook = clock.looks + look;
    const result = await run();
    outcomes.push(result.failure?.code ?? result.outcome);
    expect(result.durationMs).toBeGreaterThanOrEqual(0);
    expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
    // Somebody sets it right again.
    clock.backAtLook = Number.POSITIVE_INFINITY;
    clock.set(2 * DAY_MS + 1);
  }
  // Before the signature it is noticed, and nothing is signed; afterwards the signature stands.
  expect(outcomes[0]).toBe('clock_behind');
  expect(outcomes.at(-1)).toBe('pass');
  expect(outcomes).toEqual([
    ...outcomes.filter((outcome) => outcome === 'clock_behind'),
    ...outcomes.filter((outcome) => outcome === 'pass'),
  ]);
}, 60_000);

test('behind the newest certificate it signs nothing, until it is set right', async () => {
  const clock = new SettableClock();
  bench = createBench({ clock });
  await run();
  clock.set(-60_000);
  const refused = await run();
  expect(refused).toMatchObject({
    outcome: 'error',
    failedPhase: 'prepare',
    failure: { code: 'clock_behind', details: { since: 'newest-certificate' } },
  });
  expect(bench.ports.inventory.credentialsOf(refused.deviceSerial)).toMatchObject([{ state: 'voided' }]);
  clock.set(120_000);
  expect((await run()).outcome).toBe('pass');
});

test('behind everything on record, the next start still decides on what was left', async () => {
  const clock = new SettableClock();
  bench = createBench({ clock });
  const { inventory } = bench.ports;
  const full = (): never => {
    throw new StationError('disk_full');
  };
  const cut = { ...inventory, recordVerified: full, revoke: full, closeRun: full };
  await expect(run({ ...bench.ports, inventory: cut })).rejects.toMatchObject({ code: 'disk_full' });
  clock.set(-400 * DAY_MS);
  expect(recover(bench.ports)).toMatchObject([
    { foundState: 'installed', action: 'revoked', outcome: 'aborted' },
  ]);
  expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  expect(inventory.verifyAudit()).toMatchObject({ intact: true });
});
