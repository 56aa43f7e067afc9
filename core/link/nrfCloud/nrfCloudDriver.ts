// Nordic's `nrf_cloud_cred` beside Zephyr's `cred`: for devices whose keys PSA makes and keeps (nRF54, nRF70 and others
// without a modem).

import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { Driver } from '../driver.ts';
import { nrfCloudOptionsSchema, parseNrfCloudOptions } from './options.ts';

export const nrfCloudDriver: Driver = {
  name: 'nrf-cloud-cred',
  optionsSchema: nrfCloudOptionsSchema,
  checkTarget: (target) => {
    parseNrfCloudOptions(target);
  },
  keyAlgorithms: () => ON_DEVICE_ALGORITHMS,
  open: async (context) => (await import('./openNrfCloud.ts')).openNrfCloud(context),
};
