// Bursts sent in one write, on builds like the native simulator's: which bytes survive was measured there.

import { afterEach, describe, expect, test } from 'vitest';
import { type DeviceBench, openBench, plain } from './deviceBench.ts';

let bench: DeviceBench;
afterEach(() => bench.pipe.close());

/** The size that the device says it stored of one line with `lineBytes` bytes, CR included; undefined: no answer. */
function storedOf(lineBytes: number): number | undefined {
  const answer = plain(bench.send(`cred buf ${'A'.repeat(lineBytes - 10)}\r`, 10));
  bench.send('\x03');
  bench.send('cred buf clear\r', 2_000);
  const stored = /Stored (\d+) bytes/.exec(answer)?.[1];
  return stored === undefined ? undefined : Number(stored);
}

describe('interrupt-driven receive, one line in one write', () => {
  test.each([20, 40, 53, 56, 60, 62, 63, 64])('%i bytes are whole', (lineBytes) => {
    bench = openBench();
    expect(storedOf(lineBytes)).toBe(lineBytes - 10);
  });

  test.each([
    [65, undefined],
    [66, 55],
    [67, undefined],
    [68, undefined],
    [69, 56],
    [70, undefined],
    [71, undefined],
    [80, undefined],
    [100, undefined],
    [120, 73],
    [180, 93],
    [240, 113],
  ])('of %i bytes, %s are stored', (lineBytes, stored) => {
    bench = openBench();
    expect(storedOf(lineBytes)).toBe(stored);
  });

  test('each lost byte is warned of, in one batch of ten and more, later otherwise', () => {
    bench = openBench();
    const count = (text: string): number => text.split('RX ring buffer full.').length - 1;
    expect(count(bench.send(`cred buf ${'A'.repeat(60)}\r`, 10))).toBe(0);
    expect(count(bench.waitInSteps(1_200, 10))).toBe(4);
    bench.send('\x03');
    bench.send(`cred buf ${'A'.repeat(70)}\r`, 1);
    expect(count(bench.waitInSteps(900, 10))).toBeGreaterThan(9);
  });
});

describe('polled receive', () => {
  test.each([
    [20, 10],
    [64, 54],
    [70, undefined],
    [240, undefined],
  ])('of %i bytes, %s are stored', (lineBytes, stored) => {
    bench = openBench({ build: 'polled' });
    expect(storedOf(lineBytes)).toBe(stored);
  });
});

describe('cred buf load, one write', () => {
  const load = (sizeBytes: number): string => {
    bench.send('cred buf load\r', 20);
    bench.send('K'.repeat(sizeBytes), 50);
    bench.waitInSteps(3_000, 50);
    return plain(bench.send('\x03', 20));
  };

  test.each([
    ['default', 241, 238],
    ['default', 664, 654],
    ['minimal', 241, 238],
    ['immediate', 664, 654],
    ['polled', 241, 64],
    ['polled', 664, 64],
    ['big', 241, 241],
    ['big', 664, 664],
  ] as const)('%s build: of %i bytes, %i are stored', (build, sizeBytes, stored) => {
    bench = openBench({ build });
    expect(load(sizeBytes)).toContain(`Stored ${stored} bytes.\r\n`);
  });
});
