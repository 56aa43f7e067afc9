// Finds out which front end a modem speaks through and opens the conversation with it.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import { plainFrontEnd } from '../at/atLine.ts';
import { openAtLine } from '../at/openAtLine.ts';
import type { DriverContext } from '../driver.ts';
import { detectFrontEnd, shellFrontEnd } from './frontEnd.ts';
import { Nrf91Session } from './nrf91Session.ts';
import { parseNrf91Options } from './options.ts';

/** A session with a modem whose front end answers. The caller closes the transport when this throws. */
export async function openNrf91(context: DriverContext): Promise<DeviceSession> {
  const options = parseNrf91Options(context.target);
  return openAtLine(context, options, async (line) => {
    const frontEnd =
      options.frontEnd === 'auto' ? await detectFrontEnd(line, options.terminator) : options.frontEnd;
    line.frontEnd = frontEnd === 'at-shell' ? shellFrontEnd : plainFrontEnd(options.terminator);
    // Without this every failure is a bare ERROR (3GPP TS 27.007 9.1).
    await line.ask('AT+CMEE=1');
    return new Nrf91Session(line, frontEnd, options);
  });
}
