// Every driver that talks to a device over a serial port. A host gives this list to the link; files have a driver of their
// own (createFilesDriver), because it needs a passphrase and no port.

import { cellularDriver } from './cellular/cellularDriver.ts';
import type { Driver } from './driver.ts';
import { esp32Driver } from './esp32/esp32Driver.ts';
import { freertosDriver } from './freertos/freertosDriver.ts';
import { micropythonDriver } from './micropython/micropythonDriver.ts';
import { nrf91Driver } from './nrf91/nrf91Driver.ts';
import { nrfCloudDriver } from './nrfCloud/nrfCloudDriver.ts';
import { smpDriver } from './smp/smpDriver.ts';
import { zephyrDriver } from './zephyr/zephyrDriver.ts';

export const serialDrivers: readonly Driver[] = [
  zephyrDriver,
  nrf91Driver,
  nrfCloudDriver,
  esp32Driver,
  micropythonDriver,
  smpDriver,
  freertosDriver,
  cellularDriver,
];
