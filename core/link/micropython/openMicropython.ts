// Stops what a board runs and opens the conversation with its raw REPL.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { ItemPaths } from '../plan/itemPaths.ts';
import { streamOf } from '../stream/byteStream.ts';
import { MicropythonSession } from './micropythonSession.ts';
import { parseMicropythonOptions } from './options.ts';
import { RawRepl } from './rawRepl.ts';

/** A session with a board in its raw REPL. The caller closes the transport when this throws. */
export async function openMicropython({
  transport,
  target,
  transcript,
  clock,
  signal,
}: DriverContext): Promise<DeviceSession> {
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
}
