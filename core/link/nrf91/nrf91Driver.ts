// Nordic nRF91 modems (AT%CMNG, AT%KEYGEN) behind either of their front ends.

import { AtLine, plainFrontEnd } from '../at/atLine.ts';
import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { withLock } from '../seal/sealing.ts';
import { streamOf } from '../stream/byteStream.ts';
import { detectFrontEnd, shellFrontEnd } from './frontEnd.ts';
import { Nrf91Session } from './nrf91Session.ts';
import { nrf91OptionsSchema, parseNrf91Options } from './options.ts';

export const nrf91Driver: Driver = {
  name: 'nrf91',
  optionsSchema: nrf91OptionsSchema,
  checkTarget: (target) => {
    parseNrf91Options(target);
  },
  keyAlgorithms: () => algorithmsIn('pkcs8'),
  async open({ transport, target, transcript, clock, signal }) {
    const options = parseNrf91Options(target);
    const stream = streamOf({ transport, clock, signal, target });
    const line = new AtLine(stream, transcript, plainFrontEnd(options.terminator));
    try {
      const frontEnd =
        options.frontEnd === 'auto' ? await detectFrontEnd(line, options.terminator) : options.frontEnd;
      line.frontEnd = frontEnd === 'at-shell' ? shellFrontEnd : plainFrontEnd(options.terminator);
      // Without this every failure is a bare ERROR (3GPP TS 27.007 9.1).
      await line.ask('AT+CMEE=1');
      return withLock(new Nrf91Session(line, frontEnd, options), options.seal, {
        questions: line.questions,
        send: (command) => line.everyLine(command),
      });
    } catch (error) {
      stream.release();
      throw error;
    }
  },
};
