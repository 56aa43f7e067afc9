// Opens the conversation with a cellular module: its setup first, in the target's dialect.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import { AtLine, plainFrontEnd } from '../at/atLine.ts';
import type { DriverContext } from '../driver.ts';
import { withLock } from '../seal/sealing.ts';
import { streamOf } from '../stream/byteStream.ts';
import { CellularSession } from './cellularSession.ts';
import { parseDialect } from './dialect.ts';

/** A session with a module that answers to AT. The caller closes the transport when this throws. */
export async function openCellular({
  transport,
  target,
  transcript,
  clock,
  signal,
}: DriverContext): Promise<DeviceSession> {
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
}
