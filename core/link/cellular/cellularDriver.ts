// Every module that takes credentials by "count, then bytes": one driver, its dialect in the target file.

import { AtLine, plainFrontEnd } from '../at/atLine.ts';
import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { withLock } from '../seal/sealing.ts';
import { streamOf } from '../stream/byteStream.ts';
import { CellularSession } from './cellularSession.ts';
import { cellularOptionsSchema, parseDialect } from './dialect.ts';

export const cellularDriver: Driver = {
  name: 'cellular',
  optionsSchema: cellularOptionsSchema,
  checkTarget: (target) => {
    parseDialect(target);
  },
  keyAlgorithms: (target) => algorithmsIn(parseDialect(target).content.privateKey),
  async open({ transport, target, transcript, clock, signal }) {
    const dialect = parseDialect(target);
    const stream = streamOf({ transport, clock, signal, target });
    const line = new AtLine(stream, transcript, plainFrontEnd(dialect.terminator));
    try {
      await line.question('AT', (answer) => line.accept(answer, 'AT'));
      // Each of these may be unknown to the module.
      for (const command of dialect.setup) await line.exchange(command);
      return withLock(new CellularSession(line, dialect), dialect.seal, {
        questions: line.questions,
        send: (command) => line.everyLine(command),
      });
    } catch (error) {
      stream.release();
      throw error;
    }
  },
};
