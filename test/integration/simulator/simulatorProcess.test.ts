// A simulated device in its own process, behind a real pseudo-terminal, opened through serialport's native binding.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { LineSettings } from '../../../core/domain/target.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import type { Transport } from '../../../core/link/transport.ts';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import type { SimulatorEvent } from '../../../core/simulator/host/protocol.ts';
import {
  type SimulatorHandle,
  type SpawnOptions,
  spawnSimulator,
} from '../../../core/simulator/host/spawnSimulator.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';

const LINE: LineSettings = {
  baudRate: 115_200,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
  flowControl: 'none',
  dtr: true,
  rts: true,
};

const opened: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.stop();
});

async function start(
  device: DeviceOptionsInput = {},
  options: Partial<SpawnOptions> = {},
): Promise<SimulatorHandle> {
  const simulator = await spawnSimulator({ entryPath: simulatorEntryPath, device, ...options });
  opened.push(simulator);
  return simulator;
}

/**
 * A station's end of the line, through the transport that the station uses: the serial library by itself misses a hang-up
 * that comes while it reads (core/link/serial/pathWatch.ts), as it does whenever this process is slow to read.
 */
class Console {
  text = '';
  closed = false;
  readonly #transport: Transport;

  private constructor(transport: Transport) {
    this.#transport = transport;
    transport.onData((chunk) => {
      this.text += Buffer.from(chunk).toString('latin1');
    });
    void transport.closed.then(() => {
      this.closed = true;
    });
    opened.push({ stop: () => this.close() });
  }

  static async open(path: string): Promise<Console> {
    const { signal } = new AbortController();
    return new Console(
      await openSerialTransport({ portPath: path, line: LINE, signal, list: async () => [] }),
    );
  }

  write(text: string): void {
    // What goes wrong here shows in what is expected next.
    void this.#transport.write(Buffer.from(text, 'latin1')).catch(() => undefined);
  }

  /** Waits for text; fails with what came in place of it. */
  async expect(wanted: string | RegExp): Promise<string> {
    await until(
      () => (typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text)),
      () => `waiting for ${wanted}, got ${JSON.stringify(this.text)}`,
    );
    const seen = this.text;
    this.text = '';
    return seen;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

async function until(condition: () => boolean, describe: () => string): Promise<void> {
  const giveUpAtMs = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > giveUpAtMs) throw new Error(describe());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Opens the port and waits until the shell answers. */
async function connect(simulator: SimulatorHandle): Promise<Console> {
  const line = await Console.open(simulator.path);
  line.write('\r');
  await line.expect('uart:~$ ');
  return line;
}

describe.skipIf(process.platform === 'win32')('a simulated device behind a pseudo-terminal', () => {
  test('answers through serialport', async () => {
    const simulator = await start({ hardwareId: '0123456789abcdef' });
    expect(simulator).toMatchObject({ hardwareId: '0123456789abcdef', build: 'default' });
    const line = await connect(simulator);
    line.write('hwinfo devid\r');
    await line.expect('\r\nID: 0x0123456789abcdef\r\n');
  });

  test('goes on when the station closes the port and opens it again, settings and all', async () => {
    const simulator = await start();
    const first = await connect(simulator);
    first.write('shell colors off\r');
    await first.expect('\r\nuart:~$ ');
    first.write('cred li');
    await first.expect('cred li');
    await first.close();
    const second = await Console.open(simulator.path);
    second.write('st\r');
    expect(await second.expect('found.\r\nuart:~$ ')).toBe('st\r\n0 credentials found.\r\nuart:~$ ');
  });

  test('a large answer arrives whole, however fast the line', async () => {
    const simulator = await start({ build: 'big', lineRate: 'instant' });
    const line = await connect(simulator);
    for (let count = 0; count < 40; count += 1) {
      line.write(`cred buf ${String(count).padStart(2, '0').repeat(45)}\r`);
      await line.expect('Stored 90 bytes.\r\n');
    }
    line.write('cred add 5 CA DEFAULT str\r');
    await line.expect('length 3600 bytes.');
    for (let round = 0; round < 5; round += 1) {
      line.write('cred get 5 CA str\r');
      const answer = await line.expect('cleared.\r\n\x1b[1;32muart:~$ \x1b[m');
      const content = answer
        .split('\r\n')
        .filter((text) => /^\d+$/.test(text))
        .join('');
      expect(content).toBe(
        Array.from({ length: 40 }, (_, index) => String(index).padStart(2, '0').repeat(45)).join(''),
      );
    }
  });

  test('bytes written without waiting are lost as on a real line', async () => {
    const simulator = await start();
    const line = await connect(simulator);
    line.write(`cred buf ${'A'.repeat(64)}\r`.repeat(6));
    await line.expect('RX ring buffer full.');
  });

  test('unplugged, the port ends and its path goes; plugged in again it has another', async () => {
    const simulator = await start({ backend: 'protected' });
    const line = await connect(simulator);
    line.write('cred add 5 CA DEFAULT str abcdefgh\r');
    await line.expect('length 8 bytes.');
    const before = simulator.path;
    await simulator.unplug();
    await until(
      () => line.closed,
      () => 'the port stayed open',
    );
    expect(existsSync(before)).toBe(false);
    const after = await simulator.plug();
    expect(simulator.path).toBe(after);
    const again = await connect(simulator);
    again.write('cred list\r');
    await again.expect('1 credentials found.');
  });

  test.each(['stays', 'changes'] as const)(
    'at a reboot the port %s; the volatile store is empty',
    async (portAtReboot) => {
      const simulator = await start({ portAtReboot });
      const line = await connect(simulator);
      line.write('cred add 5 CA DEFAULT str abcdefgh\r');
      await line.expect('length 8 bytes.');
      const events: SimulatorEvent['event'][] = [];
      simulator.onEvent(({ event }) => events.push(event));
      line.write('kernel reboot cold\r');
      await until(
        () => events.includes('started'),
        () => `events ${events.join()}`,
      );
      if (portAtReboot === 'changes')
        await until(
          () => line.closed,
          () => 'the port stayed open',
        );
      else await line.close();
      const again = await connect(simulator);
      again.write('cred list\r');
      await again.expect('0 credentials found.');
    },
  );

  test('a crash takes the port away until the device is plugged in again', async () => {
    const simulator = await start();
    const line = await connect(simulator);
    line.write('cred add 5 CA DEFAULT str x\rcred del 5 CA\r');
    await until(
      () => line.closed,
      () => `still open: ${line.text}`,
    );
    await simulator.plug();
    await connect(simulator);
  });

  test('noise, modes and reboot on command', async () => {
    const simulator = await start();
    const line = await connect(simulator);
    await simulator.noise(20);
    await line.expect('background tick 9');
    await simulator.noise(0);
    await simulator.setMode('babble');
    await until(
      () => line.text.length > 2_000,
      () => 'no babble',
    );
    await simulator.setFaults({ silent: true });
    await simulator.reboot();
    await simulator.setMode('shell');
    await line.close();
    await connect(simulator);
  });

  test('the state file carries credentials and identity over to the next process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyline-simulator-'));
    try {
      const statePath = join(folder, 'device.json');
      const first = await start({ backend: 'protected' }, { statePath });
      const line = await connect(first);
      line.write('cred add 5 PK DEFAULT str abcdefgh\r');
      await line.expect('length 8 bytes.');
      await line.close();
      await first.stop();
      const second = await start({ backend: 'protected' }, { statePath });
      expect(second.hardwareId).toBe(first.hardwareId);
      const again = await connect(second);
      again.write('cred list 5 PK\r');
      await again.expect('1 credentials found.');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('ends with its host: stopped, it takes its port with it and refuses further commands', async () => {
    const simulator = await start();
    const { path } = simulator;
    await simulator.stop();
    await simulator.exited;
    expect(existsSync(path)).toBe(false);
    await expect(simulator.reboot()).rejects.toMatchObject({ code: 'device_gone' });
  });

  test('options that are none, and a state file that is none, are refused', async () => {
    await expect(start({ lineRate: -1 })).rejects.toMatchObject({ code: 'value_invalid' });
    await expect(start({}, { statePath: simulatorEntryPath })).rejects.toMatchObject({
      code: 'value_invalid',
    });
  });
});
