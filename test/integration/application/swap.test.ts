// A board that is exchanged faster than the ports are looked at, on real pseudo-terminals under one socket.

import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLinkedPorts } from '../../../core/link/serial/linkedPorts.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import { type SimulatorHandle, spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, Sockets, until } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let links: string;
const simulators: SimulatorHandle[] = [];

const simulator = async (lineRate: 'instant' | number = 'instant'): Promise<SimulatorHandle> => {
  const made = await spawnSimulator({
    entryPath: simulatorEntryPath,
    device: { backend: 'protected', lineRate },
  });
  simulators.push(made);
  return made;
};

/** In one step, as no hand could: there is no moment without a device. */
function plug(device: SimulatorHandle): void {
  symlinkSync(device.path, join(links, 'next'));
  renameSync(join(links, 'next'), join(links, 'A1'));
}

const bay = async () => {
  const [found] = await opened.client.call('bays.list', {});
  if (found === undefined) throw new Error('no bay');
  return found;
};
const ended = () => until(async () => ((await bay()).state === 'done' ? (await bay()).run : undefined));

beforeEach(async () => {
  folder = openFolder();
  links = join(folder.root, 'ports');
  mkdirSync(links);
  opened = openApplication(folder.root, new Sockets(), {
    listPorts: withLinkedPorts(links, async () => []),
    openTransport: openSerialTransport,
    // So slowly that it never helps: what is asked for looks by itself.
    portIntervalMs: 3_600_000,
  });
  await opened.client.call('session.createStation', NEW_STATION);
  const binding = { kind: 'usb-serial-number' as const, value: 'A1' };
  await opened.client.call('bays.saveLayout', { bays: [{ bayName: 'A1', row: 0, column: 0, binding }] });
});
afterEach(async () => {
  await opened.close();
  await Promise.all(simulators.splice(0).map((one) => one.stop()));
  folder.remove();
});

const start = (deviceSerial: string) =>
  opened.client.call('bays.start', { bayName: 'A1', deviceSerial, replace: false });

describe('a board that is exchanged between two looks at the ports', () => {
  it('never gets the retry of the one before, and is provisioned under its own serial', async () => {
    const [first, second] = [await simulator(), await simulator()];
    plug(first);
    await start('SN-1');
    const one = await ended();
    expect(one).toMatchObject({ outcome: 'pass', deviceSerial: 'SN-1' });

    plug(second);
    await expect(opened.client.call('bays.retry', { bayName: 'A1', replace: true })).rejects.toMatchObject({
      code: 'device_changed',
    });
    expect(await bay()).toMatchObject({ state: 'ready' });
    expect((await bay()).run).toBeUndefined();
    await start('SN-2');
    const two = await ended();
    expect(two).toMatchObject({ outcome: 'pass', deviceSerial: 'SN-2' });
    expect(two.hardwareId).not.toBe(one.hardwareId);
  });

  it('in the middle of a run ends that run, and nothing more is said to the other board', async () => {
    const [first, second] = [await simulator(19_200), await simulator()];
    plug(first);
    await start('SN-1');
    await until(async () => (await bay()).run?.phases.at(-1)?.phase === 'install');
    plug(second);
    await first.unplug();
    expect(await ended()).toMatchObject({ outcome: 'fail', failure: { code: 'device_gone' } });
    rmSync(join(links, 'A1'));
    const devices = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(devices.credentials.every(({ state }) => state === 'revoked' || state === 'voided')).toBe(true);
  });
});
