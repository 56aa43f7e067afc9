// A station behind the contract for tests: a folder of its own, software devices in place of ports, and a client on a wire.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Application, createApplication } from '../../../core/application/application.ts';
import { connectStation } from '../../../core/contract/rpc/client.ts';
import { serveStation } from '../../../core/contract/rpc/host.ts';
import { wirePair } from '../../../core/contract/rpc/wire.ts';
import type { NewStation } from '../../../core/contract/schemas/session.ts';
import type { PortInfo } from '../../../core/link/serial/portInfo.ts';
import { memoryTransport } from '../../../core/link/transport.ts';
import { type DevicePipe, openInProcess } from '../../../core/simulator/host/inProcess.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';

const root = join(import.meta.dirname, '..', '..', '..');

export const PASSPHRASE = 'a passphrase for tests only';
export const SUPERVISOR = { operatorName: 'Ada Lind', pin: '4711' };

export const NEW_STATION: NewStation = {
  stationName: 'Bench 3',
  site: 'Plant North',
  authority: { kind: 'create', organisation: 'Plant North', passphrase: PASSPHRASE },
  supervisor: SUPERVISOR,
  targetName: 'zephyr-shell',
  profileName: 'tls-client',
};

/** Sockets into which software devices are plugged. */
export class Sockets {
  readonly #devices = new Map<string, { info: PortInfo; pipe: DevicePipe; gone: Set<() => void> }>();

  plug(location: string, usbSerialNumber: string, options: DeviceOptionsInput = {}): void {
    const info: PortInfo = {
      path: `/dev/${location}`,
      usbSerialNumber,
      location,
      manufacturer: 'Simulated',
      product: 'Device',
      vendorId: undefined,
      productId: undefined,
    };
    const pipe = openInProcess({ lineRate: 'instant', backend: 'protected', ...options });
    this.#devices.set(info.path, { info, pipe, gone: new Set() });
  }

  unplug(location: string): void {
    const device = this.#devices.get(`/dev/${location}`);
    this.#devices.delete(`/dev/${location}`);
    device?.pipe.close();
    for (const tell of device?.gone ?? []) tell();
  }

  readonly listPorts = async (): Promise<readonly PortInfo[]> =>
    [...this.#devices.values()].map(({ info }) => info);

  readonly openTransport: NonNullable<Parameters<typeof createApplication>[0]['openTransport']> = async ({
    portPath,
  }) => {
    const device = this.#devices.get(portPath);
    if (device === undefined) throw new Error(`nothing at ${portPath}`);
    const { pipe, gone, info } = device;
    const onClose = (listener: () => void): void => void gone.add(listener);
    return memoryTransport(
      { write: pipe.write, onData: pipe.onData, close: () => {}, onClose },
      portPath,
      info.usbSerialNumber,
    );
  };
}

export function openFolder(): { readonly root: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-application-'));
  return { root: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function openApplication(
  folder: string,
  sockets = new Sockets(),
  more: Partial<Parameters<typeof createApplication>[0]> = {},
) {
  const application: Application = createApplication({
    dataRoot: join(folder, 'data'),
    practiceRoot: join(folder, 'practice'),
    profilesFolder: join(root, 'resources', 'profiles'),
    targetsFolder: join(root, 'resources', 'targets'),
    softwareVersion: '0.0.0-test',
    listPorts: sockets.listPorts,
    openTransport: sockets.openTransport,
    portIntervalMs: 20,
    pinRounds: 1_000,
    ...more,
  });
  const [near, far] = wirePair();
  const refusals: string[] = [];
  const end = serveStation(far, application, (entry) =>
    refusals.push(`${entry.kind} ${entry.method ?? ''}: ${entry.reason}`),
  );
  const client = connectStation(near, (reason) => refusals.push(reason));
  return {
    application,
    client,
    /** What the contract's end logged: answers outside the contract, refused messages. */
    refusals,
    sockets,
    async close() {
      end();
      await application.close();
    },
  };
}

export type Opened = ReturnType<typeof openApplication>;

/** Founds the station with one bay, A1. */
export async function found({ client }: Opened): Promise<void> {
  await client.call('session.createStation', NEW_STATION);
  const binding = { kind: 'location' as const, value: '1-1.1' };
  await client.call('bays.saveLayout', { bays: [{ bayName: 'A1', row: 0, column: 0, binding }] });
}

/** Ends a test: nothing that its station said may have been outside the contract. */
export async function finish(opened: Opened, folder: ReturnType<typeof openFolder>): Promise<void> {
  await opened.close();
  folder.remove();
  expect(opened.refusals.filter((line) => line.includes('invalid'))).toEqual([]);
}

/** Asks until it is so. */
export async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** A fresh device in bay A1 (bound to `1-1.1`), run to its end and taken out again. */
export async function provisionDevice({ client, sockets }: Opened, deviceSerial: string, usb: string) {
  sockets.plug('1-1.1', usb);
  await until(async () => (await client.call('bays.list', {}))[0]?.port?.usbSerialNumber === usb);
  await client.call('bays.start', { bayName: 'A1', deviceSerial, replace: false });
  const run = await until(async () => {
    const [bay] = await client.call('bays.list', {});
    return bay?.state === 'done' && bay.run?.deviceSerial === deviceSerial ? bay.run : undefined;
  });
  sockets.unplug('1-1.1');
  await until(async () => (await client.call('bays.list', {}))[0]?.port === undefined);
  return run;
}

/** The one of `files` whose path ends so. */
export const fileOf = (files: readonly { readonly path: string }[], end: string): string => {
  const found = files.find(({ path }) => path.endsWith(end));
  if (found === undefined) throw new Error(`no file ends in ${end}`);
  return found.path;
};
