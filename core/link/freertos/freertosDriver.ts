// FreeRTOS reference integrations (STM32U5) with their `pki` command: the key is made on the device and stays there.

import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { Driver } from '../driver.ts';
import { withLock } from '../seal/sealing.ts';
import { streamOf } from '../stream/byteStream.ts';
import { Console } from './console.ts';
import { FreertosSession } from './freertosSession.ts';
import { freertosOptionsSchema, parseFreertosOptions } from './options.ts';

export const freertosDriver: Driver = {
  name: 'freertos-pki',
  optionsSchema: freertosOptionsSchema,
  checkTarget: (target) => {
    parseFreertosOptions(target);
  },
  keyAlgorithms: () => ON_DEVICE_ALGORITHMS,
  async open({ transport, target, transcript, clock, signal }) {
    const options = parseFreertosOptions(target);
    const stream = streamOf({ transport, clock, signal, target });
    const terminal = new Console(stream, transcript, options);
    try {
      await terminal.greet();
      const session = new FreertosSession(terminal, stream, options, transport.usbSerialNumber);
      return withLock(session, options.seal, {
        questions: terminal.questions,
        send: async (command) => (await terminal.run(command)).split('\n').map((line) => line.trim()),
      });
    } catch (error) {
      stream.release();
      throw error;
    }
  },
};
