// Opens the conversation with a cellular module: its setup first, in the target's dialect.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import { openAtLine } from '../at/openAtLine.ts';
import type { DriverContext } from '../driver.ts';
import { CellularSession } from './cellularSession.ts';
import { parseDialect } from './dialect.ts';

/** A session with a module that answers to AT. The caller closes the transport when this throws. */
export async function openCellular(context: DriverContext): Promise<DeviceSession> {
  const dialect = parseDialect(context.target);
  return openAtLine(context, dialect, async (line) => {
    await line.question('AT', (answer) => line.accept(answer, 'AT'));
    // Each of these may be unknown to the module.
    for (const command of dialect.setup) await line.exchange(command);
    return new CellularSession(line, dialect);
  });
}
