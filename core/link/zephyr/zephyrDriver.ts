// The driver for Zephyr's TLS credentials shell (`cred`).

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { parseZephyrOptions, zephyrOptionsSchema } from './options.ts';

export const zephyrDriver: Driver = {
  name: 'zephyr',
  optionsSchema: zephyrOptionsSchema,
  checkTarget: (target) => void parseZephyrOptions(target),
  keyAlgorithms: (target) => algorithmsIn(parseZephyrOptions(target).privateKeyEncoding),
  open: async (context) => (await import('./openZephyr.ts')).openZephyr(context),
};
