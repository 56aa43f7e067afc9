// The drivers that this product ships. A new one joins by being listed.

import { cellularDriver } from '../link/cellular/cellularDriver.ts';
import type { Driver } from '../link/driver.ts';
import { esp32Driver } from '../link/esp32/esp32Driver.ts';
import { freertosDriver } from '../link/freertos/freertosDriver.ts';
import { micropythonDriver } from '../link/micropython/micropythonDriver.ts';
import { nrf91Driver } from '../link/nrf91/nrf91Driver.ts';
import { smpDriver } from '../link/smp/smpDriver.ts';
import { zephyrDriver } from '../link/zephyr/zephyrDriver.ts';

export const drivers: readonly Driver[] = [
  zephyrDriver,
  nrf91Driver,
  smpDriver,
  esp32Driver,
  micropythonDriver,
  cellularDriver,
  freertosDriver,
];
