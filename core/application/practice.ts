// A practice station: a throw-away folder with its own authority and inventory, and simulated devices in this process. It
// is given no way to a real port and no path into the real data folder.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import type { DeviceSerial } from '../domain/device.ts';
import { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { dataFolder } from '../host/dataFolder.ts';
import { initStation } from '../host/initStation.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { memoryTransport } from '../link/transport.ts';
import { type DevicePipe, openInProcess } from '../simulator/host/inProcess.ts';
import { deskFile } from './deskFile.ts';
import type { PracticeBench } from './house.ts';

export const PRACTICE_OPERATOR = 'Trainee';
export const PRACTICE_PIN = '0000';
/** Guards nothing: it is written in the operator's guide. */
export const PRACTICE_PASSPHRASE = 'practice makes perfect';
const BAYS = 4;

export interface PracticeFolder {
  readonly root: string;
  remove(): void;
}

/** Makes the station. Blocks for about a second, as every ceremony. */
export function makePracticeStation(
  practiceRoot: string,
  clock: Clock,
  targetName: string,
  profileName: string,
): PracticeFolder {
  mkdirSync(practiceRoot, { recursive: true, mode: 0o700 });
  const root = mkdtempSync(join(practiceRoot, 'practice-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  const passphrase = Secret.fromText(PRACTICE_PASSPHRASE);
  try {
    initStation({
      folder: dataFolder(root),
      site: 'Practice',
      name: 'Practice station',
      operatorName: PRACTICE_OPERATOR,
      passphrase,
      clock,
      random: systemRandom,
    });
    deskFile(join(root, 'desk.json')).set({
      bays: Array.from({ length: BAYS }, (_, index) => ({
        bayName: `A${index + 1}`,
        row: 0,
        column: index,
        binding: { kind: 'usb-serial-number', value: serialNumber(index) },
      })),
      handsFree: [],
      targetName,
      profileName,
    });
    return { root, remove };
  } catch (thrown) {
    remove();
    throw thrown;
  } finally {
    passphrase.wipe();
  }
}

const serialNumber = (index: number): string => `PRACTICE-${index + 1}`;
const portPath = (index: number): string => `practice-${index + 1}`;

/** Four ports; whenever another device serial is scanned, another blank device stands in the fixture. */
export function practiceBench(): PracticeBench {
  const devices = new Map<string, { readonly deviceSerial: string; readonly pipe: DevicePipe }>();
  return {
    listPorts: async () =>
      Array.from({ length: BAYS }, (_, index) => ({
        path: portPath(index),
        usbSerialNumber: serialNumber(index),
        manufacturer: 'Keyline',
        product: 'Simulated device',
        vendorId: undefined,
        productId: undefined,
        location: `practice-${index + 1}`,
      })),
    prepare(path: string, deviceSerial: DeviceSerial) {
      const before = devices.get(path);
      if (before?.deviceSerial === deviceSerial) return;
      before?.pipe.close();
      devices.set(path, { deviceSerial, pipe: openInProcess({ backend: 'protected' }) });
    },
    async openTransport({ portPath: path }) {
      const device = devices.get(path);
      if (device === undefined) throw new StationError('port_missing', { path });
      const { pipe } = device;
      return memoryTransport({ write: pipe.write, onData: pipe.onData, close: () => {} }, path);
    },
    close() {
      for (const { pipe } of devices.values()) pipe.close();
      devices.clear();
    },
  };
}
