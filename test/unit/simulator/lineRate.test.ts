import { expect, test } from 'vitest';
import { withLineRate } from '../../../core/simulator/line/lineRate.ts';
import type { LineDevice } from '../../../core/simulator/lineDevice.ts';

const echo =
  (powered: string[]) =>
  (send: (bytes: Uint8Array) => void): LineDevice => ({
    receive: send,
    reboot: () => powered.push('reboot'),
    swap: () => powered.push('swap'),
    powerOff: () => powered.push('off'),
  });

/** Sends `size` bytes through and back; how long it took and what came. */
async function roundTrip(baudRate: number, size: number): Promise<{ durationMs: number; bytes: Buffer }> {
  const sent = Buffer.from(Array.from({ length: size }, (_, index) => index & 0xff));
  const startedAtMs = performance.now();
  const bytes = await new Promise<Buffer>((resolve) => {
    let received = Buffer.alloc(0);
    const device = withLineRate(
      echo([]),
      baudRate,
    )((piece) => {
      received = Buffer.concat([received, piece]);
      if (received.length >= size) resolve(received);
    });
    device.receive(sent.subarray(0, 7));
    device.receive(sent.subarray(7));
  });
  expect(bytes.equals(sent)).toBe(true);
  return { durationMs: performance.now() - startedAtMs, bytes };
}

test('carries every byte in order, and never faster than the rate', async () => {
  const { durationMs } = await roundTrip(115_200, 576);
  expect(durationMs).toBeGreaterThanOrEqual(50);
});

test('passes on what is done to the device, and nothing after the power is off', async () => {
  const done: string[] = [];
  const received: Uint8Array[] = [];
  const device = withLineRate(echo(done), 9_600)((bytes) => received.push(bytes));
  device.reboot();
  device.swap();
  device.receive(Uint8Array.of(1, 2, 3));
  device.powerOff();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done).toEqual(['reboot', 'swap', 'off']);
  expect(received).toEqual([]);
});
