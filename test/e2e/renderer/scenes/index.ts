// Every screen and every dialog, in every state worth looking at.

import { AUTHORITY_SCENES } from './authority.ts';
import { BENCH_SCENES } from './bench.ts';
import { HOUSE_SCENES } from './house.ts';
import { MANY_BAYS_SCENES } from './manyBays.ts';
import { ORDER_SCENES } from './orders.ts';
import { RECORD_SCENES } from './records.ts';
import type { Scene } from './scene.ts';

export const SCENES: readonly Scene[] = [
  ...HOUSE_SCENES,
  ...BENCH_SCENES,
  ...MANY_BAYS_SCENES,
  ...ORDER_SCENES,
  ...RECORD_SCENES,
  ...AUTHORITY_SCENES,
];
