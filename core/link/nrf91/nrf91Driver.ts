// Nordic nRF91 modems (AT%CMNG, AT%KEYGEN) behind either of their front ends.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { nrf91OptionsSchema, parseNrf91Options } from './options.ts';

export const nrf91Driver: Driver = {
  name: 'nrf91',
  optionsSchema: nrf91OptionsSchema,
  checkTarget: (target) => {
    parseNrf91Options(target);
  },
  keyAlgorithms: () => algorithmsIn('pkcs8'),
  open: async (context) => (await import('./openNrf91.ts')).openNrf91(context),
};
