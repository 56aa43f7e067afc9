// FreeRTOS reference integrations (STM32U5) with their `pki` command: the key is made on the device and stays there.

import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { Driver } from '../driver.ts';
import { freertosOptionsSchema, parseFreertosOptions } from './options.ts';

export const freertosDriver: Driver = {
  name: 'freertos-pki',
  optionsSchema: freertosOptionsSchema,
  checkTarget: (target) => {
    parseFreertosOptions(target);
  },
  keyAlgorithms: () => ON_DEVICE_ALGORITHMS,
  open: async (context) => (await import('./openFreertos.ts')).openFreertos(context),
};
