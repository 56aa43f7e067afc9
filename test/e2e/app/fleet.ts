// A bench of simulated devices, each a process behind a real pty, found through a folder of links: plugging in makes the
// link, pulling out removes it with the port.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import { type SimulatorHandle, spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';

export interface Bench {
  readonly folder: string;
  readonly dataRoot: string;
  /** KEYLINE_PORT_LINKS */
  readonly links: string;
  plug(bayName: string, device?: DeviceOptionsInput): Promise<void>;
  unplug(bayName: string): Promise<void>;
  close(): Promise<void>;
}

export const BAY_NAMES = ['A1', 'A2', 'A3', 'A4'] as const;
export const socketOf = (bayName: string): string => `socket-${bayName}`;

const COLUMNS_MAX = 8;

/** Bays, four unless told otherwise, each bound to one socket. */
export function openBench(bayNames: readonly string[] = BAY_NAMES): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-e2e-'));
  const [dataRoot, links] = [join(folder, 'data'), join(folder, 'ports')];
  mkdirSync(dataRoot, { recursive: true, mode: 0o700 });
  mkdirSync(links);
  const bays = bayNames.map((bayName, index) => ({
    bayName,
    row: Math.floor(index / COLUMNS_MAX),
    column: index % COLUMNS_MAX,
    binding: { kind: 'usb-serial-number', value: socketOf(bayName) },
  }));
  writeFileSync(join(dataRoot, 'desk.json'), JSON.stringify({ bays }));
  const devices = new Map<string, SimulatorHandle>();
  return {
    folder,
    dataRoot,
    links,
    async plug(bayName, device = {}) {
      const simulator = await spawnSimulator({
        entryPath: simulatorEntryPath,
        device: { backend: 'protected', ...device },
      });
      devices.set(bayName, simulator);
      symlinkSync(simulator.path, join(links, socketOf(bayName)));
    },
    async unplug(bayName) {
      rmSync(join(links, socketOf(bayName)), { force: true });
      const device = devices.get(bayName);
      devices.delete(bayName);
      await device?.unplug();
      await device?.stop();
    },
    async close() {
      await Promise.all([...devices.values()].map((device) => device.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
