// The serial line at a real rate, on a clock that stands still between steps: pace, order and loss.

import { afterEach, describe, expect, test } from 'vitest';
import { type DeviceBench, openBench, plain } from './deviceBench.ts';

let bench: DeviceBench;
afterEach(() => bench.pipe.close());

const RATE = 115_200;
const BYTES_PER_MS = RATE / 10 / 1_000;

function openAtRate(options: Parameters<typeof openBench>[0] = {}): DeviceBench {
  const opened = openBench({ lineRate: RATE, ...options });
  opened.wait(100);
  return opened;
}

describe('pace', () => {
  test('the first byte of the echo comes after two byte times, the rest at line rate', () => {
    bench = openAtRate();
    bench.pipe.write(new Uint8Array(Buffer.from('0123456789'.repeat(5))));
    expect(bench.wait(1.9 / BYTES_PER_MS)).toBe('');
    expect(bench.wait(0.3 / BYTES_PER_MS)).toBe('0');
    expect(bench.wait(10 / BYTES_PER_MS)).toHaveLength(10);
    expect(bench.wait(100)).toHaveLength(39);
  });

  test.each([0.25, 1, 7, 100])('a long answer leaves at line rate, looked at every %f ms', (stepMs) => {
    bench = openAtRate({ build: 'big' });
    for (let count = 0; count < 40; count += 1) bench.send(`cred buf ${'A'.repeat(100)}\r`, 60);
    bench.send('cred add 5 CA DEFAULT str\r', 100);
    bench.pipe.write(new Uint8Array(Buffer.from('cred get 5 CA str\r')));
    let received = 0;
    let firstMs = -1;
    let lastMs = 0;
    for (let passedMs = 0; passedMs < 800; passedMs += stepMs) {
      const { length } = bench.wait(stepMs);
      if (length > 0 && firstMs < 0) firstMs = passedMs;
      if (length > 0) lastMs = passedMs + stepMs;
      received += length;
      expect(received).toBeLessThanOrEqual((passedMs + stepMs) * BYTES_PER_MS);
    }
    // 4000 characters in 125 lines with CR LF, and a few words around them.
    expect(received).toBeGreaterThan(4_250);
    expect(Math.abs(lastMs - firstMs - received / BYTES_PER_MS)).toBeLessThan(
      0.02 * (lastMs - firstMs) + 2 * stepMs,
    );
  });

  test('what the host sees does not depend on how often the clock is looked at', () => {
    const session = (stepMs: number): string => {
      bench = openAtRate();
      bench.pipe.write(new Uint8Array(Buffer.from(`cred buf ${'A'.repeat(64)}\r`.repeat(8))));
      const text = bench.waitInSteps(2_000, stepMs);
      bench.pipe.close();
      return text;
    };
    expect(session(1)).toBe(session(0.125));
    expect(session(50)).toBe(session(0.125));
  });
});

describe('loss', () => {
  test('one line after another in one write: the reply holds up the reading, and the ring overflows', () => {
    bench = openAtRate();
    bench.pipe.write(new Uint8Array(Buffer.from(`cred buf ${'A'.repeat(64)}\r`.repeat(6))));
    const text = plain(bench.waitInSteps(2_500, 1));
    expect(text).toContain('RX ring buffer full.');
    const sizes = [...text.matchAll(/Stored (\d+) bytes/g)].map(([, size]) => Number(size));
    expect(sizes.slice(0, 2)).toEqual([64, 64]);
    expect(sizes.some((size) => size !== 64) || sizes.length < 6).toBe(true);
  });

  test('a single line of any length is whole: it arrives no faster than it is echoed', () => {
    bench = openAtRate();
    bench.pipe.write(new Uint8Array(Buffer.from(`cred buf ${'A'.repeat(240)}\r`)));
    expect(plain(bench.wait(200))).toContain('Stored 240 bytes.');
  });

  test('waiting for the prompt loses nothing', () => {
    bench = openAtRate();
    for (let count = 0; count < 4; count += 1)
      expect(plain(bench.send(`cred buf ${'A'.repeat(200)}\r`, 60))).toContain('Stored 200 bytes.');
  });

  test('cred buf load keeps up with the line', () => {
    bench = openAtRate();
    bench.send('cred buf load\r', 20);
    bench.pipe.write(new Uint8Array(Buffer.from('K'.repeat(700))));
    bench.waitInSteps(100, 1);
    expect(plain(bench.send('\x03', 20))).toBe('Stored 700 bytes.\r\nuart:~$ ');
  });

  test('a larger ring holds the backlog', () => {
    bench = openAtRate({ build: 'big' });
    bench.pipe.write(new Uint8Array(Buffer.from(`cred buf ${'A'.repeat(64)}\r`.repeat(6))));
    const text = plain(bench.waitInSteps(2_500, 1));
    expect(text.match(/Stored 64 bytes/g)).toHaveLength(6);
    expect(text).not.toContain('RX ring buffer full.');
  });

  test('polled: more than a ring full within one period is lost', () => {
    bench = openAtRate({ build: 'polled' });
    bench.pipe.write(new Uint8Array(Buffer.from(`cred buf ${'A'.repeat(240)}\r`)));
    expect(plain(bench.waitInSteps(2_000, 1))).toContain('RX ring buffer full.');
    bench.send('\x15');
    expect(plain(bench.send(`cred buf ${'A'.repeat(40)}\r`, 30))).toContain('Stored 40 bytes.');
  });
});

describe('DTR', () => {
  test('a device that checks it holds its output, greeting included, until it is asserted', () => {
    bench = openBench({ lineRate: RATE, checkDtr: true, bootDelayMs: 1 });
    expect(bench.wait(500)).toBe('');
    bench.pipe.setDtr(true);
    expect(plain(bench.wait(50))).toContain('*** Booting Zephyr OS build v4.3.0 ***');
    expect(plain(bench.send('cred list\r', 50))).toContain('0 credentials found.');
  });
});
