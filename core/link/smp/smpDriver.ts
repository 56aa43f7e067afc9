// Zephyr firmware with MCUmgr on its UART: files written through the management protocol and hashed on the device.

import type { Driver } from '../driver.ts';
import { ItemPaths } from '../plan/itemPaths.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { streamOf } from '../stream/byteStream.ts';
import { parseSmpOptions, smpOptionsSchema, smpPath } from './options.ts';
import { SmpClient } from './smpClient.ts';
import { SmpSession } from './smpSession.ts';

export const smpDriver: Driver = {
  name: 'mcumgr',
  optionsSchema: smpOptionsSchema,
  checkTarget: (target) => {
    parseSmpOptions(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseSmpOptions(target).privateKey),
  passwordPlaces: (target) => ({ form: smpPath, taken: Object.values(parseSmpOptions(target).paths) }),
  async open({ transport, target, transcript, clock, signal }) {
    const options = parseSmpOptions(target);
    const stream = streamOf({ transport, clock, signal, target });
    const session = new SmpSession(
      new SmpClient(stream, transcript),
      stream,
      options,
      new ItemPaths(options.paths, target.passwordSlot),
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
