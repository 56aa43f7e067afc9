// The ESP32 family through its ROM loader: the credential goes straight into flash, whatever firmware the board runs.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { esp32OptionsSchema, imagePasswordPlaces, parseEsp32Options } from './options.ts';

export const esp32Driver: Driver = {
  name: 'esp32',
  optionsSchema: esp32OptionsSchema,
  checkTarget: (target) => {
    parseEsp32Options(target);
  },
  keyAlgorithms: () => algorithmsIn('sec1'),
  passwordPlaces: (target) => imagePasswordPlaces(parseEsp32Options(target)),
  open: async (context) => (await import('./openEsp32.ts')).openEsp32(context),
};
