// The demo's simulated devices: each a process of its own behind a real pseudo-terminal, or, where there are none
// (Windows), in this process behind a pipe.

import { join } from 'node:path';
import type { OpenTransport } from '../../core/link/driverRegistry.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { memoryTransport } from '../../core/link/transport.ts';
import { type ConnectResult, connectWithStore } from '../../core/simulator/connect.ts';
import { simulatorEntryPath } from '../../core/simulator/host/entryPath.ts';
import { openInProcess } from '../../core/simulator/host/inProcess.ts';
import { spawnSimulator } from '../../core/simulator/host/spawnSimulator.ts';
import { parseDeviceOptions } from '../../core/simulator/options.ts';

export interface FleetDevice {
  readonly portPath: string;
  readonly hardwareId: string;
  /** Restarts and connects to the edge server with nothing but what the device's store holds. */
  boot(edge: {
    readonly host: string;
    readonly port: number;
    readonly serverName: string;
  }): Promise<ConnectResult>;
  stop(): Promise<void>;
}

export interface Fleet {
  readonly devices: readonly FleetDevice[];
  readonly openTransport: OpenTransport;
  readonly kind: string;
  stop(): Promise<void>;
}

/** Survives the reboot that it goes through before it connects. */
const DEVICE_OPTIONS = { backend: 'protected' } as const;
const BOOT_TIMEOUT_MS = 10_000;

export const startFleet = (count: number, folder: string, securityTag: number): Promise<Fleet> =>
  process.platform === 'win32'
    ? startInProcess(count, folder, securityTag)
    : startOnPseudoTerminals(count, folder, securityTag);

async function startOnPseudoTerminals(count: number, folder: string, securityTag: number): Promise<Fleet> {
  const simulators = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      spawnSimulator({
        entryPath: simulatorEntryPath,
        device: parseDeviceOptions(DEVICE_OPTIONS),
        statePath: stateFile(folder, index),
      }),
    ),
  );
  const devices = simulators.map((simulator) => ({
    portPath: simulator.path,
    hardwareId: simulator.hardwareId,
    async boot(edge: Parameters<FleetDevice['boot']>[0]) {
      await restarted(
        (listener) => simulator.onEvent((event) => listener(event.event)),
        () => void simulator.reboot(),
      );
      return simulator.boot({ ...edge, securityTag, timeoutMs: BOOT_TIMEOUT_MS });
    },
    stop: () => simulator.stop(),
  }));
  return {
    devices,
    openTransport: openSerialTransport,
    kind: 'each a process behind a pseudo-terminal',
    stop: () => stopAll(devices),
  };
}

/** The same devices and the same line, without an operating system's port between. */
export async function startInProcess(count: number, folder: string, securityTag: number): Promise<Fleet> {
  const pipes = new Map(
    Array.from({ length: count }, (_, index) => [
      `simulated-${index + 1}`,
      openInProcess(parseDeviceOptions(DEVICE_OPTIONS), { statePath: stateFile(folder, index) }),
    ]),
  );
  const devices = [...pipes].map(([portPath, pipe]) => ({
    portPath,
    hardwareId: pipe.board.hardwareId,
    async boot(edge: Parameters<FleetDevice['boot']>[0]) {
      await restarted(
        (listener) => pipe.onEvent(listener),
        () => pipe.board.reboot(),
      );
      return connectWithStore(pipe.board.store, { ...edge, securityTag, timeoutMs: BOOT_TIMEOUT_MS });
    },
    stop: async () => pipe.close(),
  }));
  return {
    devices,
    async openTransport({ portPath }) {
      const pipe = pipes.get(portPath);
      if (pipe === undefined) throw new Error(`no simulated device at ${portPath}`);
      return memoryTransport({ write: pipe.write, onData: pipe.onData, close: () => {} }, portPath);
    },
    kind: 'in this process',
    stop: () => stopAll(devices),
  };
}

/** Reboots and waits until the device's firmware runs again. */
function restarted(
  onEvent: (listener: (event: string) => void) => () => void,
  reboot: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = onEvent((event) => {
      if (event !== 'started') return;
      stop();
      resolve();
    });
    reboot();
  });
}

const stateFile = (folder: string, index: number): string => join(folder, `device-${index + 1}.json`);

async function stopAll(devices: readonly FleetDevice[]): Promise<void> {
  await Promise.all(devices.map((device) => device.stop()));
}
