// Starts a simulated device in a process of its own and speaks to it: for the demo, the command line and the tests.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ERROR_SIDES, type ErrorCode, StationError } from '../../domain/stationError.ts';
import type { BoardMode } from '../boardMode.ts';
import type { ConnectRequest, ConnectResult } from '../connect.ts';
import { type DeviceOptionsInput, type Faults, parseDeviceOptions } from '../options.ts';
import { eventSchema, type SimulatorCommand, type SimulatorEvent } from './protocol.ts';

export interface SpawnOptions {
  /** The file of `host/process.ts`, or what it was bundled into. */
  readonly entryPath: string;
  readonly device?: DeviceOptionsInput;
  /** A device of another family in place of a Zephyr board, by the target that fits it. */
  readonly family?: { readonly name: string; readonly unit: number };
  /** Where the device keeps its state: outside the station's data folder. Without it, nothing outlives the process. */
  readonly statePath?: string;
  /** The Node that runs it: this process's own where not given. */
  readonly execPath?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly readyTimeoutMs?: number;
  /** Gives up the start; a device that is on already is not touched by it. */
  readonly signal?: AbortSignal | undefined;
}

export interface SimulatorHandle {
  /** Where the device's port is now; it changes when the device is plugged in again. */
  readonly path: string;
  readonly hardwareId: string;
  readonly build: string;
  /** The device connects with what its store holds. Never rejects for a refusal. */
  boot(request: Omit<ConnectRequest, 'signal'>): Promise<ConnectResult>;
  /** Pulls the cable: the port disappears and the device loses its power. */
  unplug(): Promise<void>;
  /** Returns the new path. */
  plug(): Promise<string>;
  reboot(): Promise<void>;
  /** A log line every so often; 0 stops. */
  noise(intervalMs: number): Promise<void>;
  /** Answers as a shell, never, with noise, or in another protocol, from now on. */
  setMode(mode: BoardMode): Promise<void>;
  /** Replaces all faults, and the mode with them; their byte counts start now. */
  setFaults(faults: Faults): Promise<void>;
  /** Returns a function that ends the subscription. */
  onEvent(listener: (event: SimulatorEvent) => void): () => void;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
  /** As a power cut does: nothing is written any more. */
  kill(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 2_000;

type CommandInput = SimulatorCommand extends infer One
  ? One extends unknown
    ? Omit<One, 'id'>
    : never
  : never;

class SpawnedSimulator implements SimulatorHandle {
  path = '';
  hardwareId = '';
  build = '';
  readonly exited: Promise<void>;
  #child: ChildProcess;
  #listeners = new Set<(event: SimulatorEvent) => void>();
  #waiting = new Map<number, { resolve(event: SimulatorEvent): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('close', () => {
        for (const { reject } of this.#waiting.values())
          reject(new StationError('device_gone', { what: 'simulator' }));
        this.#waiting.clear();
        resolve();
      });
    });
    child.stdin?.on('error', () => undefined);
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
  }

  /** Resolves once the port is there; rejects if the process says why not, ends, or the signal comes. */
  async ready(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => {};
    try {
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        timer = setTimeout(
          () => reject(new StationError('port_failed', { what: 'simulator', reason: 'no answer' })),
          timeoutMs,
        );
        this.#child.once('error', (cause) =>
          reject(new StationError('port_failed', { what: 'simulator' }, { cause })),
        );
        void this.exited.then(() =>
          reject(new StationError('port_failed', { what: 'simulator', reason: 'ended' })),
        );
        this.onEvent((event) => {
          if (event.event === 'ready') resolve();
          if (event.event === 'failed') reject(asFailure(event.code, event.message));
        });
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async boot(request: Omit<ConnectRequest, 'signal'>): Promise<ConnectResult> {
    const event = await this.#ask({ command: 'boot', ...request });
    if (event.event !== 'booted') throw new StationError('internal', { event: event.event });
    return event.result;
  }

  async unplug(): Promise<void> {
    await this.#ask({ command: 'unplug' });
  }

  async plug(): Promise<string> {
    await this.#ask({ command: 'plug' });
    return this.path;
  }

  async reboot(): Promise<void> {
    await this.#ask({ command: 'reboot' });
  }

  async noise(intervalMs: number): Promise<void> {
    await this.#ask({ command: 'noise', intervalMs });
  }

  async setMode(mode: BoardMode): Promise<void> {
    await this.#ask({ command: 'mode', mode });
  }

  async setFaults(faults: Faults): Promise<void> {
    await this.#ask({ command: 'faults', faults });
  }

  onEvent(listener: (event: SimulatorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    try {
      await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #ask(command: CommandInput): Promise<SimulatorEvent> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(new StationError('device_gone', { what: 'simulator' }));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ ...command, id })}\n`);
    });
  }

  #take(line: string): void {
    const event = parseEvent(line);
    if (event === undefined) return;
    if ('path' in event) this.path = event.path;
    if (event.event === 'ready') {
      this.hardwareId = event.hardwareId;
      this.build = event.build;
    }
    const id = 'id' in event ? event.id : undefined;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id !== undefined) this.#waiting.delete(id);
    if (event.event === 'rejected')
      waiting?.reject(new StationError('value_invalid', { what: 'simulator', reason: event.message }));
    else waiting?.resolve(event);
    for (const listener of this.#listeners) listener(event);
  }
}

/** An event; undefined for a line that is none, as a debugger or a library may print. */
function parseEvent(line: string): SimulatorEvent | undefined {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function asFailure(code: string, message: string): StationError {
  const known: ErrorCode = Object.hasOwn(ERROR_SIDES, code) ? (code as ErrorCode) : 'internal';
  return new StationError(known, { what: 'simulator', reason: message });
}

/**
 * Starts a device and resolves once its port is there; it is still booting then. Throws `value_invalid` for options that
 * are none, `port_failed` where there are no pseudo-terminals or the process does not start, the signal's reason when it came.
 */
export async function spawnSimulator(options: SpawnOptions): Promise<SimulatorHandle> {
  const device = parseDeviceOptions(options.device ?? {});
  const config = {
    device,
    ...(options.statePath === undefined ? {} : { statePath: options.statePath }),
    ...(options.family === undefined ? {} : { family: options.family }),
  };
  const child = spawn(options.execPath ?? process.execPath, [options.entryPath, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: options.env ?? process.env,
  });
  const simulator = new SpawnedSimulator(child);
  try {
    await simulator.ready(options.readyTimeoutMs ?? READY_TIMEOUT_MS, options.signal);
    return simulator;
  } catch (error) {
    await simulator.stop();
    throw error;
  }
}
