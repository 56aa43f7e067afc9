// Nordic's `nrf_cloud_cred` beside Zephyr's `cred`: for devices whose keys PSA makes and keeps (nRF54, nRF70 and others
// without a modem).

import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { Driver } from '../driver.ts';
import { openZephyr } from '../zephyr/zephyrDriver.ts';
import { ZephyrSession } from '../zephyr/zephyrSession.ts';
import { requireDeviceKeys } from './deviceKeyCommands.ts';
import { NrfCloudSession } from './nrfCloudSession.ts';
import { nrfCloudOptionsSchema, parseNrfCloudOptions } from './options.ts';

export const nrfCloudDriver: Driver = {
  name: 'nrf-cloud-cred',
  optionsSchema: nrfCloudOptionsSchema,
  checkTarget: (target) => {
    parseNrfCloudOptions(target);
  },
  keyAlgorithms: () => ON_DEVICE_ALGORITHMS,
  open(context) {
    const options = parseNrfCloudOptions(context.target);
    return openZephyr(context, options, async (parts) => {
      await requireDeviceKeys(parts.line);
      const shell = new ZephyrSession({ ...parts, keyOnDevice: true });
      return new NrfCloudSession(shell, parts.line, options.securityTag);
    });
  },
};
