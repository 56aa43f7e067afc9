// MicroPython and CircuitPython boards: files written and hashed by code that runs on the board.

import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { micropythonOptionsSchema, micropythonPath, parseMicropythonOptions } from './options.ts';

export const micropythonDriver: Driver = {
  name: 'micropython',
  optionsSchema: micropythonOptionsSchema,
  checkTarget: (target) => {
    parseMicropythonOptions(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseMicropythonOptions(target).privateKey),
  passwordPlaces: (target) => ({
    form: micropythonPath,
    taken: Object.values(parseMicropythonOptions(target).paths),
  }),
  open: async (context) => (await import('./openMicropython.ts')).openMicropython(context),
};
