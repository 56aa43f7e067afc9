// Stations that the command line made, each in a temporary folder: one ceremony per test file, copied as often as needed.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { simulatorEntryPath } from '../../core/simulator/host/entryPath.ts';
import {
  type SimulatorHandle,
  type SpawnOptions,
  spawnSimulator,
} from '../../core/simulator/host/spawnSimulator.ts';
import type { DeviceOptionsInput } from '../../core/simulator/options.ts';
import { type CliOptions, type CliResult, cli } from './cliProcess.ts';

export interface TestStation {
  /** The station's data folder. */
  readonly data: string;
  /** Beside it, outside the data folder: devices' state files, keys that a test recorded. */
  readonly beside: string;
}

/** A simulated device, and the file that is its flash. */
export type StoredDevice = SimulatorHandle & { readonly statePath: string };

export interface CliWorld {
  readonly root: string;
  /** A fresh copy of the station that was made once. */
  station(): TestStation;
  /** A simulated device behind a real pseudo-terminal; switched off at the end. */
  device(station: TestStation, device?: DeviceOptionsInput): Promise<StoredDevice>;
  /** The same of another family, by the target that fits it. */
  familyDevice(station: TestStation, targetName: string): Promise<StoredDevice>;
  close(): Promise<void>;
}

export const SITE = 'Test site';

/** Makes the station with `keyline init`; everything lies below one temporary folder that `close` removes. */
export async function createCliWorld(): Promise<CliWorld> {
  const root = mkdtempSync(join(tmpdir(), 'keyline-cli-'));
  const template = join(root, 'template');
  const made = await cli(['init', '--site', SITE], { data: template });
  if (made.code !== 0) throw new Error(`keyline init ended with ${made.code}: ${made.stdout}${made.stderr}`);
  const devices: SimulatorHandle[] = [];
  let count = 0;
  const spawnStored = async (
    { beside }: TestStation,
    options: Pick<SpawnOptions, 'device' | 'family'>,
  ): Promise<StoredDevice> => {
    const statePath = join(beside, `device-${devices.length + 1}.json`);
    const simulator = await spawnSimulator({ entryPath: simulatorEntryPath, statePath, ...options });
    devices.push(simulator);
    return Object.assign(simulator, { statePath });
  };
  return {
    root,
    station() {
      count += 1;
      const folder = join(root, `station-${count}`);
      const station = { data: join(folder, 'data'), beside: join(folder, 'beside') };
      mkdirSync(station.beside, { recursive: true });
      cpSync(template, station.data, { recursive: true });
      return station;
    },
    device: (station, device = {}) => spawnStored(station, { device: { backend: 'protected', ...device } }),
    familyDevice: (station, targetName) =>
      spawnStored(station, { family: { name: targetName, unit: devices.length + 1 } }),
    async close() {
      await Promise.all(devices.map((device) => device.stop()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The world of a file's or a group's tests: made before the first of them, gone after the last. */
export function worldOfTests(): CliWorld {
  let made: CliWorld | undefined;
  beforeAll(async () => {
    made = await createCliWorld();
  });
  afterAll(() => made?.close());
  const world = (): CliWorld => {
    if (made === undefined) throw new Error('the world is made before the first test');
    return made;
  };
  return {
    get root() {
      return world().root;
    },
    station: () => world().station(),
    device: (...of) => world().device(...of),
    familyDevice: (...of) => world().familyDevice(...of),
    close: () => world().close(),
  };
}

/** The same with one station that these tests share. */
export function stationOfTests(): { readonly world: CliWorld; readonly station: TestStation } {
  const world = worldOfTests();
  let made: TestStation = { data: '', beside: '' };
  beforeAll(() => {
    made = world.station();
  });
  const station = {
    get data() {
      return made.data;
    },
    get beside() {
      return made.beside;
    },
  };
  return { world, station };
}

/** `keyline provision` of one device. */
export const provisionWithCli = (
  station: TestStation,
  portPath: string,
  serial: string,
  options: CliOptions & { readonly more?: readonly string[] } = {},
): Promise<CliResult> => {
  const { more = [], ...rest } = options;
  return cli(['provision', '--port', portPath, '--serial', serial, ...more], { data: station.data, ...rest });
};
