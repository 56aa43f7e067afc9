// Zephyr firmware with MCUmgr on its UART: files written through the management protocol and hashed on the device.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { parseSmpOptions, smpOptionsSchema } from './options.ts';
import { SmpClient } from './smpClient.ts';
import { SmpSession } from './smpSession.ts';

export const smpDriver: Driver = {
  name: 'mcumgr',
  optionsSchema: smpOptionsSchema,
  checkTarget: (target) => {
    parseSmpOptions(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseSmpOptions(target).privateKey),
  async open({ transport, target, transcript, clock, signal }) {
    const options = parseSmpOptions(target);
    const stream = new ByteStream({ transport, clock, signal, answerMs: target.timeouts.answerMs });
    const session = new SmpSession(
      new SmpClient(stream, transcript),
      stream,
      options,
      transport.usbSerialNumber,
    );
    try {
      await session.greet();
      return session;
    } catch (error) {
      stream.release();
      throw error;
    }
  },
};
