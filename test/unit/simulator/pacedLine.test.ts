import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pacedLine } from '../../../core/simulator/line/pacedLine.ts';
import type { LineDevice, Send } from '../../../core/simulator/lineDevice.ts';

/** Ten bytes a millisecond: a byte takes 0.1 ms. */
const BAUD_RATE = 100_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function bench() {
  const heard: number[] = [];
  const said: number[] = [];
  let speak: Send = () => {};
  const calls: string[] = [];
  const line: LineDevice = pacedLine(
    (send) => {
      speak = send;
      return {
        receive: (bytes) => void heard.push(...bytes),
        reboot: () => void calls.push('reboot'),
        swap: () => void calls.push('swap'),
        powerOff: () => void calls.push('powerOff'),
      };
    },
    { baudRate: BAUD_RATE, nowMs: () => performance.now() },
  )((bytes) => void said.push(...bytes));
  return { line, heard, said, calls, speak: (bytes: Uint8Array) => speak(bytes) };
}
const bytesOf = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => index & 0xff);

describe('a paced line', () => {
  test('lets through what its rate allows, in both directions at once', () => {
    const { line, heard, said, speak } = bench();
    line.receive(bytesOf(100));
    speak(bytesOf(50));
    vi.advanceTimersByTime(3);
    expect([heard.length, said.length]).toEqual([30, 30]);
    vi.advanceTimersByTime(7);
    expect([heard.length, said.length]).toEqual([100, 50]);
  });

  test('is never faster than its rate and loses nothing, however the host cuts its writes', () => {
    const writes = fc.array(
      fc.record({ size: fc.integer({ min: 0, max: 80 }), thenMs: fc.integer({ min: 0, max: 9 }) }),
    );
    fc.assert(
      fc.property(writes, (steps) => {
        const { line, heard } = bench();
        const expected: number[] = [];
        const startMs = performance.now();
        for (const { size, thenMs } of steps) {
          line.receive(bytesOf(size));
          expected.push(...bytesOf(size));
          vi.advanceTimersByTime(thenMs);
          expect(heard.length).toBeLessThanOrEqual((performance.now() - startMs) * 10 + 1e-6);
        }
        vi.advanceTimersByTime(expected.length / 10 + 2);
        expect(heard).toEqual(expected);
      }),
    );
  });

  test('forgets what is under way when the device restarts or loses its power', () => {
    const { line, heard, said, calls, speak } = bench();
    line.receive(bytesOf(100));
    speak(bytesOf(100));
    vi.advanceTimersByTime(2);
    line.reboot();
    vi.advanceTimersByTime(50);
    expect([heard.length, said.length]).toEqual([20, 20]);
    line.swap();
    line.powerOff();
    expect(calls).toEqual(['reboot', 'swap', 'powerOff']);
  });
});
