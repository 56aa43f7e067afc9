// Zephyr firmware with MCUmgr on its UART: files written through the management protocol and hashed on the device.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { parseSmpOptions, smpOptionsSchema, smpPath } from './options.ts';

export const smpDriver: Driver = {
  name: 'mcumgr',
  optionsSchema: smpOptionsSchema,
  checkTarget: (target) => {
    parseSmpOptions(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseSmpOptions(target).privateKey),
  passwordPlaces: (target) => ({ form: smpPath, taken: Object.values(parseSmpOptions(target).paths) }),
  open: async (context) => (await import('./openSmp.ts')).openSmp(context),
};
