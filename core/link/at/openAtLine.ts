// Opens a line of AT commands and the conversation over it.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { withLock } from '../seal/sealing.ts';
import type { SealOptions } from '../seal/sealOptions.ts';
import { streamOf } from '../stream/byteStream.ts';
import { AtLine, plainFrontEnd } from './atLine.ts';

/** A session whose seal, where the target has one, is closed over the same line. The caller closes the transport when this throws. */
export async function openAtLine(
  { transport, target, transcript, clock, signal }: DriverContext,
  { terminator, seal }: { readonly terminator: string; readonly seal?: SealOptions | undefined },
  begin: (line: AtLine) => Promise<DeviceSession>,
): Promise<DeviceSession> {
  const stream = streamOf({ transport, clock, signal, target });
  const line = new AtLine(stream, transcript, plainFrontEnd(terminator));
  try {
    return withLock(await begin(line), seal, {
      questions: line.questions,
      send: (command) => line.everyLine(command),
    });
  } catch (error) {
    stream.release();
    throw error;
  }
}
