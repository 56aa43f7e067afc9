// The drivers that this product ships. A new one joins by being listed.

import type { Driver } from '../link/driver.ts';
import { zephyrDriver } from '../link/zephyr/zephyrDriver.ts';

export const drivers: readonly Driver[] = [zephyrDriver];
