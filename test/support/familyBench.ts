// One simulated device on a real pseudo-terminal (or in memory), a driver on the other side, and a whole cycle through
// the station's own port types.

import { readFileSync } from 'node:fs';
import { beforeAll } from 'vitest';
import type { KeyCustody } from '../../core/domain/credential.ts';
import type { DeviceIdentity } from '../../core/domain/deviceIdentity.ts';
import type { DeviceSession } from '../../core/domain/deviceSession.ts';
import type { PasswordCredential } from '../../core/domain/install.ts';
import type { KeyAlgorithm } from '../../core/domain/profile.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { parseTarget, type Target } from '../../core/domain/target.ts';
import type { RepeatedQuestion, TranscriptSink } from '../../core/domain/transcript.ts';
import type { ItemVerification } from '../../core/domain/verification.ts';
import type { Driver } from '../../core/link/driver.ts';
import { createLink } from '../../core/link/driverRegistry.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { type BytePipe, memoryTransport } from '../../core/link/transport.ts';
import { loadPseudoTerminals } from '../../core/simulator/host/pseudoTerminal.ts';
import {
  type LineDevice,
  type LineFault,
  type MakeLineDevice,
  type Send,
  withFault,
} from '../../core/simulator/lineDevice.ts';
import { type LeafAuthority, makeLeafAuthority } from './leafAuthority.ts';

/** The authority of one file's tests; it is there when they run. */
export function leafAuthority(): () => LeafAuthority {
  let authority: LeafAuthority | undefined;
  beforeAll(async () => {
    authority = await makeLeafAuthority();
  });
  return () => {
    if (authority === undefined) throw new Error('the authority is made before the first test');
    return authority;
  };
}

/** The StationError that `work` ends with. */
export async function failure(work: Promise<unknown>): Promise<StationError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A target with nothing but what a test is about. */
export const bareTarget = (driver: string, answerMs: number, options: Record<string, unknown> = {}): Target =>
  parseTarget(
    { name: 'bare', version: 1, title: 'bare', driver, timeouts: { answerMs }, options },
    'bare.json',
  );

export type TargetJson = Record<string, unknown> & { readonly options: Record<string, unknown> };

/** A shipped target with waits as short as a simulated device needs them. */
export function hastyTarget(
  name: string,
  answerMs: number,
  change: (json: TargetJson) => void = () => {},
): Target {
  const url = new URL(`../../resources/targets/${name}.json`, import.meta.url);
  const json = JSON.parse(readFileSync(url, 'utf8')) as TargetJson;
  change(json);
  return parseTarget({ ...json, timeouts: { answerMs } }, name);
}

/** The maker of a device, and the device that it made last: a test looks behind the line's back. */
export function remembering<D extends LineDevice>(
  make: (send: Send) => D,
): { readonly make: (send: Send) => D; readonly made: () => D } {
  let device: D | undefined;
  return {
    make: (send) => {
      device = make(send);
      return device;
    },
    made: () => {
      if (device === undefined) throw new Error('nothing is plugged in');
      return device;
    },
  };
}

export interface Plugged {
  readonly portPath: string;
  readonly device: LineDevice;
  /** The operator pulls the cable. */
  unplug(): void;
}

/** Puts a device behind a new pseudo-terminal. */
export async function plugIn(make: MakeLineDevice, fault?: LineFault): Promise<Plugged> {
  const openTerminal = await loadPseudoTerminals();
  const unplug = (): void => {
    device.powerOff();
    terminal.close();
  };
  const whole = fault === undefined ? make : withFault(make, fault, () => unplug());
  const device: LineDevice = whole((bytes) => terminal.write(bytes));
  const terminal = openTerminal((bytes) => device.receive(bytes));
  return { portPath: terminal.path, device, unplug };
}

/** The same device in memory, for tests of a driver alone. */
export function memoryPipe(make: MakeLineDevice, fault?: LineFault): { pipe: BytePipe; device: LineDevice } {
  const listeners = new Set<(bytes: Uint8Array) => void>();
  const closeListeners = new Set<() => void>();
  const vanish = (): void => {
    for (const listener of closeListeners) listener();
  };
  const whole = fault === undefined ? make : withFault(make, fault, vanish);
  const device = whole((bytes) => {
    for (const listener of listeners) listener(Uint8Array.from(bytes));
  });
  const pipe: BytePipe = {
    write: (bytes) => device.receive(Uint8Array.from(bytes)),
    onData(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose: (listener) => {
      closeListeners.add(listener);
    },
    close: () => listeners.clear(),
  };
  return { pipe, device };
}

export class Transcript implements TranscriptSink {
  readonly rows: string[] = [];
  readonly asked: RepeatedQuestion[] = [];
  write(direction: 'to-device' | 'from-device' | 'note', text: string): void {
    this.rows.push(`${direction} ${text}`);
  }
  repeated(question: RepeatedQuestion): void {
    this.asked.push(question);
  }
  get text(): string {
    return this.rows.join('\n');
  }
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly transcript?: TranscriptSink;
}

/** Opens a session as the station does; the assignment checks that the driver fits the station's port. */
export function openOnPort(
  driver: Driver,
  target: Target,
  portPath: string,
  options: OpenOptions = {},
): Promise<DeviceSession> {
  const link = createLink({ drivers: [driver], openTransport: openSerialTransport });
  const { signal = new AbortController().signal, transcript = new Transcript() } = options;
  return link.open({ portPath, target, transcript, signal });
}

export function openInMemory(
  driver: Driver,
  target: Target,
  pipe: BytePipe,
  options: OpenOptions = {},
): Promise<DeviceSession> {
  const link = createLink({ drivers: [driver], openTransport: async () => memoryTransport(pipe) });
  const { signal = new AbortController().signal, transcript = new Transcript() } = options;
  return link.open({ portPath: 'memory', target, transcript, signal });
}

export interface CycleResult {
  readonly identity: DeviceIdentity;
  readonly custody: KeyCustody;
  readonly certificateDer: Uint8Array;
  readonly verifications: readonly ItemVerification[];
  /** PKCS#8 of a key made here; the caller looks for it where it must not be. */
  readonly privateKeyText: string | undefined;
}

/** Identify, make a key, certify, install, verify: what a run does between `open` and `close`. */
export async function runCycle(
  session: DeviceSession,
  authority: LeafAuthority,
  options: {
    readonly custody?: KeyCustody;
    readonly keyAlgorithm?: KeyAlgorithm;
    readonly replace?: boolean;
    readonly password?: PasswordCredential;
    readonly beforeKey?: () => void;
    readonly beforeInstall?: () => void;
    readonly beforeVerify?: () => void;
  } = {},
): Promise<CycleResult> {
  const replace = options.replace ?? true;
  const identity = await session.identify();
  options.beforeKey?.();
  const custody = options.custody ?? identity.custodyOffered[0] ?? 'station-memory';
  const onDevice = custody === 'on-device' && session.generateKey !== undefined;
  const stationKey = onDevice ? undefined : await authority.makeKey(options.keyAlgorithm);
  const rsa = options.keyAlgorithm?.startsWith('RSA') === true;
  session.checkFit({
    caDerSizeBytes: authority.caDer.length,
    certificateDerMaxSizeBytes: rsa ? 900 : 420,
    privateKeyPkcs8SizeBytes: stationKey?.privateKeyPkcs8.sizeBytes ?? 0,
    password: options.password && {
      usernameSizeBytes: options.password.username.length,
      passwordSizeBytes: options.password.password.sizeBytes,
    },
  });
  const deviceKey = onDevice ? await session.generateKey?.('P-256', { replace }) : undefined;
  const publicKeySpki = deviceKey?.publicKeySpki ?? stationKey?.publicKeySpki;
  if (publicKeySpki === undefined) throw new Error('no key');
  const certificateDer = await authority.certify(publicKeySpki);
  const privateKeyText = stationKey?.privateKeyPkcs8.use((bytes) => Buffer.from(bytes).toString('base64'));
  const plan = session.plan({
    caDer: authority.caDer,
    chainDer: [certificateDer, authority.caDer],
    privateKeyPkcs8: stationKey?.privateKeyPkcs8,
    password: options.password,
  });
  options.beforeInstall?.();
  await session.install(plan, { replace, onProgress: () => {} });
  options.beforeVerify?.();
  const verifications = await session.verify(plan);
  return { identity, custody, certificateDer, verifications, privateKeyText };
}
