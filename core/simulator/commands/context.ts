// What commands may use of the device they run on.

import type { DeviceBuild } from '../build.ts';
import type { CredentialHeap } from '../credentialHeap.ts';
import type { CredentialStore } from '../credentialStore.ts';
import type { FactoryLock } from '../factoryLock.ts';
import type { KeyVault } from '../keyVault.ts';
import type { DeviceOptions, Faults } from '../options.ts';
import type { CommandTree } from '../shell/command.ts';
import type { History } from '../shell/history.ts';
import type { LogMessage } from '../shell/log.ts';
import type { Terminal } from '../shell/terminal.ts';

/** Reads what arrives while a command has taken over the line; true: it is done. */
export type Bypass = (bytes: Uint8Array) => boolean;

export interface DeviceContext {
  readonly build: DeviceBuild;
  readonly options: DeviceOptions;
  readonly terminal: Terminal;
  readonly history: History;
  readonly store: CredentialStore;
  /** Keys that the device made. */
  readonly vault: KeyVault;
  /** Nothing in the store can be changed once it is closed. */
  readonly lock: FactoryLock;
  /** Only with the volatile backend. */
  readonly heap: CredentialHeap | undefined;
  readonly hardwareId: string;
  /** How it misbehaves now. */
  faults(): Faults;
  /** The tree that the command stands in; known when it runs. */
  tree(): CommandTree;
  uptimeUs(): number;
  lastResult(): number;
  log(message: Pick<LogMessage, 'level' | 'source' | 'text'>): void;
  setLogging(on: boolean): void;
  setNoise(intervalMs: number): void;
  setBypass(bypass: Bypass): void;
  /** The device stops here: it restarts, or died of a defect. */
  halt(why: 'reboot' | 'crash'): void;
}
