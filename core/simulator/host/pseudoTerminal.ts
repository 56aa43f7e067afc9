// A pseudo-terminal as a device's port: the station opens its path as it opens any serial port.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { StationError } from '../../domain/stationError.ts';

export interface PseudoTerminal {
  readonly path: string;
  /** Sends to whoever has the path open; while nobody reads, some kilobytes are kept and the rest is lost. */
  write(bytes: Uint8Array): void;
  /** The port disappears: who has it open sees the end of it. Nothing passes from now on; resolves when it is gone. */
  close(): Promise<void>;
}

export type OpenPseudoTerminal = (onData: (bytes: Uint8Array) => void) => PseudoTerminal;

/** What node-pty's `open` returns, as far as it is used here; its type declarations leave it out. */
interface NodePtyModule {
  open(options: { encoding: null }): {
    readonly master: ReadStream;
    readonly slave: ReadStream;
    readonly ptsName: string;
    readonly fd: number;
  };
}

const UNREAD_MAX_BYTES = 65_536;
const RETRY_FIRST_MS = 1;
const RETRY_LAST_MS = 50;
/**
 * The port outlives its device by so much. Where the end falls into a read, serialport 13 reads nothing for ever and does not
 * report it (bindings-cpp, unix-read.js): a station must survive that, but not every time a device reboots after an answer.
 */
const LINGER_MS = 30;

/** Loads the native part. Throws `port_failed` where there are no pseudo-terminals (Windows). */
export async function loadPseudoTerminals(): Promise<OpenPseudoTerminal> {
  let module: NodePtyModule;
  try {
    const loaded: unknown = await import('@lydell/node-pty');
    // A CommonJS module: its members stand on the default export where names were not detected.
    const names = loaded as Partial<NodePtyModule> & { readonly default?: NodePtyModule };
    const found = names.open ? (names as NodePtyModule) : names.default;
    if (found === undefined || process.platform === 'win32') throw new Error('no pseudo-terminals here');
    module = found;
  } catch (cause) {
    throw new StationError('port_failed', { what: 'pseudo-terminal', platform: process.platform }, { cause });
  }
  return (onData) => openPseudoTerminal(module, onData);
}

function openPseudoTerminal(module: NodePtyModule, onData: (bytes: Uint8Array) => void): PseudoTerminal {
  const { master, slave, ptsName: path, fd } = module.open({ encoding: null });
  slave.setRawMode(true);
  // Held open, so that the master sees no hang-up when the station closes its end. node-pty's own stream on it would read
  // what is meant for the station, so it goes. Never call the terminal's `destroy()`: it signals process -1, every process.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  slave.destroy();
  // libuv's raw mode leaves the translation of LF on; whoever opens the port as a serial port switches it off, others do not.
  spawnSync('stty', ['raw', '-echo'], { stdio: [held, 'ignore', 'ignore'] });
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = RETRY_FIRST_MS;
  let open = true;

  const flush = (): void => {
    retry = undefined;
    while (open && waiting[0] !== undefined) {
      const written = tryWrite(fd, waiting[0]);
      if (written === 0) {
        retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
        retry = setTimeout(flush, retryMs);
        return;
      }
      retryMs = RETRY_FIRST_MS;
      waitingBytes -= written;
      if (written === waiting[0].length) waiting.shift();
      else waiting[0] = waiting[0].subarray(written);
    }
  };
  master.on('error', () => undefined);
  master.on('data', (chunk: Buffer) => {
    if (open) onData(new Uint8Array(chunk));
  });
  return {
    path,
    write: (bytes) => {
      const kept = bytes.subarray(0, UNREAD_MAX_BYTES - waitingBytes);
      if (!open || kept.length === 0) return;
      waiting.push(kept);
      waitingBytes += kept.length;
      if (retry === undefined) flush();
    },
    close: async () => {
      if (!open) return;
      open = false;
      clearTimeout(retry);
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      master.destroy();
      closeSync(held);
    },
  };
}

/** Writes what the terminal takes now; 0 while its buffer is full. */
function tryWrite(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
