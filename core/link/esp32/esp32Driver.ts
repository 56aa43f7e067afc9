// The ESP32 family through its ROM loader: the credential goes straight into flash, whatever firmware the board runs.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { Esp32Session } from './esp32Session.ts';
import { esp32OptionsSchema, imagePasswordPlaces, parseEsp32Options } from './options.ts';

export const esp32Driver: Driver = {
  name: 'esp32',
  optionsSchema: esp32OptionsSchema,
  checkTarget: (target) => {
    parseEsp32Options(target);
  },
  keyAlgorithms: () => algorithmsIn('sec1'),
  passwordPlaces: (target) => imagePasswordPlaces(parseEsp32Options(target)),
  async open({ transport, target, transcript, signal }) {
    const options = parseEsp32Options(target);
    // esptool-js, which knows every chip, is for those that have one at hand.
    const { ChipLoader } = await import('./loader/chipLoader.ts');
    const loader = new ChipLoader({
      transport,
      signal,
      romBaudRate: target.line.baudRate,
      flashBaudRate: transport.control === undefined ? target.line.baudRate : options.flashBaudRate,
      reset: options.reset,
      attempts: options.connectAttempts,
      stepMs: target.timeouts.answerMs,
      transcript,
    });
    try {
      return new Esp32Session(loader, await loader.connect(), {
        ...options,
        passwordSlot: target.passwordSlot,
      });
    } catch (error) {
      await loader.leave();
      throw error;
    }
  },
};
