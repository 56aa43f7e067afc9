import { expect, it } from 'vitest';
import { defaultSmpDevice, SmpDevice } from '../../../core/simulator/smp/device.ts';

it('takes a frame that was cut short on the line as none, though its checksum matches', () => {
  const said: Uint8Array[] = [];
  const device = new SmpDevice(defaultSmpDevice, (bytes) => said.push(bytes));
  // Length 2, no packet, and the checksum of nothing: 0.
  const frame = Buffer.concat([
    Buffer.of(0x06, 0x09),
    Buffer.from(Buffer.of(0, 2, 0, 0).toString('base64')),
    Buffer.of(0x0a),
  ]);
  device.receive(frame);
  expect(said).toEqual([]);
});
