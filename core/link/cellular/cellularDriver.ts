// Every module that takes credentials by "count, then bytes": one driver, its dialect in the target file.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { cellularOptionsSchema, parseDialect } from './dialect.ts';

export const cellularDriver: Driver = {
  name: 'cellular',
  optionsSchema: cellularOptionsSchema,
  checkTarget: (target) => {
    parseDialect(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseDialect(target).content.privateKey),
  open: async (context) => (await import('./openCellular.ts')).openCellular(context),
};
