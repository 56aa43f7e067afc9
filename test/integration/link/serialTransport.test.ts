import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { lineSettingsSchema } from '../../../core/domain/target.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { loadPseudoTerminals, type PseudoTerminal } from '../../../core/simulator/host/pseudoTerminal.ts';

const line = lineSettingsSchema.parse({});
const signal = new AbortController().signal;
const open = (portPath: string, list?: () => Promise<never[]>) =>
  openSerialTransport({ portPath, line, signal, ...(list ? { list } : {}) });
const terminals: PseudoTerminal[] = [];

async function newTerminal(onData: (bytes: Uint8Array) => void = () => {}): Promise<PseudoTerminal> {
  const terminal = (await loadPseudoTerminals())(onData);
  terminals.push(terminal);
  return terminal;
}
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a serial port', () => {
  test('carries bytes both ways', async () => {
    const got: number[] = [];
    const terminal = await newTerminal((bytes) => got.push(...bytes));
    const transport = await open(terminal.path);
    try {
      const heard = new Promise<string>((resolve) => {
        transport.onData((bytes) => resolve(Buffer.from(bytes).toString()));
      });
      terminal.write(Buffer.from('hello'));
      expect(await heard).toBe('hello');
      await transport.write(Uint8Array.of(0, 3, 13, 10, 255));
      await expect.poll(() => got).toEqual([0, 3, 13, 10, 255]);
    } finally {
      await transport.close();
    }
    expect(await transport.closed).toBe('here');
    expect(await code(transport.write(Uint8Array.of(1)))).toBe('device_gone');
    await transport.close();
  });

  test('is held by one opener at a time', async () => {
    const terminal = await newTerminal();
    const transport = await open(terminal.path);
    expect(await code(open(terminal.path))).toBe('port_busy');
    await transport.close();
    await (await open(terminal.path)).close();
  });

  test('that vanishes is noticed at once by whoever waits', async () => {
    const terminal = await newTerminal();
    const transport = await open(terminal.path);
    transport.onData(() => {});
    terminal.close();
    expect(await transport.closed).toBe('gone');
    expect(await code(transport.write(Uint8Array.of(1)))).toBe('device_gone');
  });

  test('that is not there, is none, or whose opening was aborted, says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-port-'));
    try {
      expect(await code(open(join(folder, 'missing')))).toBe('port_missing');
      await writeFile(join(folder, 'file'), '');
      expect(await code(open(join(folder, 'file')))).toBe('port_missing');
      expect(await code(open(folder))).toBe('port_missing');
      const aborted = AbortSignal.abort(new StationError('phase_timeout', {}));
      expect(await code(openSerialTransport({ portPath: folder, line, signal: aborted }))).toBe(
        'phase_timeout',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is known by its USB serial number where the list has one', async () => {
    const terminal = await newTerminal();
    const port = {
      manufacturer: undefined,
      product: undefined,
      vendorId: undefined,
      productId: undefined,
      location: undefined,
    };
    const list = async () => [{ ...port, path: terminal.path, usbSerialNumber: 'ABC' }];
    const transport = await openSerialTransport({ portPath: terminal.path, line, signal, list });
    expect(transport.usbSerialNumber).toBe('ABC');
    await transport.close();
    const failing = await open(terminal.path, async () => {
      throw new StationError('port_listing_unavailable', {});
    });
    expect(failing.usbSerialNumber).toBeUndefined();
    await failing.close();
  });
});
