// Every family of the README's table as a process of its own behind a real pseudo-terminal, its state in a file: provisioned
// through serialport, killed, started again, and found as it was.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { drivers } from '../../../core/host/drivers.ts';
import { driverFor } from '../../../core/link/driverRegistry.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import { type SimulatorHandle, spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import { failure, leafAuthority, openOnPort, runCycle } from '../../support/familyBench.ts';
import { shippedTarget, shippedTargets } from '../../support/stationWorld.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyline-families-'));
const running = new Set<SimulatorHandle>();
afterAll(async () => {
  await Promise.all([...running].map((device) => device.stop()));
  rmSync(folder, { recursive: true, force: true });
});
const authority = leafAuthority();

async function start(name: string, unit = 1): Promise<SimulatorHandle> {
  const device = await spawnSimulator({
    entryPath: simulatorEntryPath,
    family: { name, unit },
    statePath: join(folder, `${name}-${unit}.json`),
  });
  running.add(device);
  return device;
}

const openTo = (device: SimulatorHandle, name: string) => {
  const target = shippedTarget(name);
  return openOnPort(driverFor(drivers, target), target, device.path);
};

test('every shipped target with a device has a simulated one', () => {
  const simulated = ['zephyr-shell', ...simulatedFamilies.map(({ targetName }) => targetName)];
  const withDevice = shippedTargets.filter(({ driver }) => driver !== 'files').map(({ name }) => name);
  expect([...simulated].sort()).toEqual([...withDevice].sort());
});

describe.each(simulatedFamilies.map(({ targetName }) => targetName))('%s', (name) => {
  test('holds its credential after its process was killed', { timeout: 120_000 }, async () => {
    const device = await start(name);
    const session = await openTo(device, name);
    const { identity } = await runCycle(session, authority());
    await session.close();
    await device.kill();

    const again = await start(name);
    const later = await openTo(again, name);
    const found = await later.identify();
    expect(found.hardwareId).toBe(identity.hardwareId);
    expect(found.occupied.map(({ item }) => item).sort()).toEqual(['ca', 'certificate', 'privateKey']);
    // Another device must not get in unasked.
    expect((await failure(runCycle(later, authority(), { replace: false }))).code).toBe('slot_taken');
    await later.close();
    await again.stop();
    // A private key is in there: its owner's alone.
    expect(statSync(join(folder, `${name}-1.json`)).mode & 0o077).toBe(0);
  });
});

describe('a family in a process of its own', () => {
  test('is refused a state file that is none, and a family that is none', async () => {
    writeFileSync(join(folder, 'mcumgr-7.json'), '{"version":9}');
    expect((await failure(start('mcumgr', 7))).code).toBe('value_invalid');
    expect((await failure(start('toaster'))).code).toBe('value_invalid');
  });

  test('is unplugged and plugged in again under another path, its store kept', async () => {
    const device = await start('mcumgr', 9);
    const session = await openTo(device, 'mcumgr');
    await runCycle(session, authority());
    await device.unplug();
    expect((await failure(session.identify())).code).toBe('device_gone');
    await session.close();
    await device.plug();
    const again = await openTo(device, 'mcumgr');
    expect((await again.identify()).occupied).toHaveLength(3);
    await again.close();
    await device.stop();
    expect(JSON.parse(readFileSync(join(folder, 'mcumgr-9.json'), 'utf8'))).toMatchObject({ version: 1 });
  });
});
