// What the link's tests share: material to install, a recording transcript, and simulated devices in this process or
// behind a real pseudo-terminal.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import type { InstallMaterial } from '../../../core/domain/install.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { parseTarget, type Target } from '../../../core/domain/target.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { loadTargets } from '../../../core/link/targetStore.ts';
import { memoryTransport } from '../../../core/link/transport.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';
import { openInProcess } from '../../../core/simulator/host/inProcess.ts';
import { type SimulatorHandle, spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export function zephyrTarget(options: Record<string, unknown> = {}, answerMs = 3_000): Target {
  const shipped = loadTargets(here('../../../resources/targets')).target('zephyr-shell');
  return parseTarget(
    {
      ...shipped,
      timeouts: { ...shipped.timeouts, answerMs },
      // Faults are placed by counting bytes from the start: measuring the buffer would move them.
      options: { ...shipped.options, measureCredentialBuffer: false, ...options },
    },
    'test',
  );
}

/** Random bytes serve as certificates: to the line they are the same. The key is a real one. */
export function newMaterial(): InstallMaterial & { readonly keyDer: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyDer = privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    caDer: randomBytes(450),
    chainDer: [randomBytes(490), randomBytes(460)],
    privateKeyPkcs8: new Secret(Uint8Array.from(keyDer)),
    keyDer,
  };
}

export interface Bench {
  readonly session: DeviceSession;
  readonly transcript: readonly string[];
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly device?: DeviceOptionsInput;
  readonly target?: Target;
  readonly signal?: AbortSignal;
  readonly usbSerialNumber?: string;
}

function openRequest(portPath: string, options: BenchOptions, transcript: string[]) {
  return {
    portPath,
    target: options.target ?? zephyrTarget(),
    transcript: { write: (direction: string, text: string) => void transcript.push(`${direction}: ${text}`) },
    signal: options.signal ?? new AbortController().signal,
  };
}

/** A device in this process, whose line takes no time unless told otherwise. */
export async function openInMemory(options: BenchOptions = {}): Promise<Bench> {
  const transcript: string[] = [];
  const device = openInProcess({ lineRate: 'instant', ...options.device });
  const link = createLink({
    drivers: [zephyrDriver],
    openTransport: async () => memoryTransport(device, 'memory', options.usbSerialNumber),
  });
  try {
    const session = await link.open(openRequest('memory', options, transcript));
    return { session, transcript, close: () => session.close() };
  } catch (error) {
    device.close();
    throw error;
  }
}

export const serialLink = createLink({ drivers: [zephyrDriver], openTransport: openSerialTransport });

export const spawnDevice = (device: DeviceOptionsInput = {}): Promise<SimulatorHandle> =>
  spawnSimulator({ entryPath: here('../../../core/simulator/host/process.ts'), device });

/** A device in its own process behind a pseudo-terminal that serialport opens. */
export async function openOverPty(
  options: BenchOptions = {},
): Promise<Bench & { readonly simulator: SimulatorHandle }> {
  const transcript: string[] = [];
  const simulator = await spawnDevice(options.device);
  try {
    const session = await serialLink.open(openRequest(simulator.path, options, transcript));
    return {
      session,
      transcript,
      simulator,
      close: async () => {
        await session.close();
        await simulator.stop();
      },
    };
  } catch (error) {
    await simulator.stop();
    throw error;
  }
}

export const install = async (session: DeviceSession, replace = false) => {
  const material = newMaterial();
  const plan = session.plan(material);
  const evidence = await session.install(plan, { replace, onProgress: () => {} });
  return { material, plan, evidence };
};
