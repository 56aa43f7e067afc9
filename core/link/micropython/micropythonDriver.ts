// MicroPython and CircuitPython boards: files written and hashed by code that runs on the board.

import type { Driver } from '../driver.ts';
import { ItemPaths } from '../plan/itemPaths.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { streamOf } from '../stream/byteStream.ts';
import { MicropythonSession } from './micropythonSession.ts';
import { micropythonOptionsSchema, micropythonPath, parseMicropythonOptions } from './options.ts';
import { RawRepl } from './rawRepl.ts';

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
  async open({ transport, target, transcript, clock, signal }) {
    const options = parseMicropythonOptions(target);
    const stream = streamOf({ transport, clock, signal, target });
    const repl = new RawRepl(stream, transcript);
    try {
      await repl.enter();
      return new MicropythonSession(repl, stream, options, new ItemPaths(options.paths, target.passwordSlot));
    } catch (error) {
      stream.release();
      throw error;
    }
  },
};
