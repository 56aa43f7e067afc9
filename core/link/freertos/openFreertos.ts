// Opens the conversation with the console of a FreeRTOS device.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { withLock } from '../seal/sealing.ts';
import { streamOf } from '../stream/byteStream.ts';
import { Console } from './console.ts';
import { FreertosSession } from './freertosSession.ts';
import { parseFreertosOptions } from './options.ts';

/** A session with a device whose console answers. The caller closes the transport when this throws. */
export async function openFreertos({
  transport,
  target,
  transcript,
  clock,
  signal,
}: DriverContext): Promise<DeviceSession> {
  const options = parseFreertosOptions(target);
  const stream = streamOf({ transport, clock, signal, target });
  const terminal = new Console(stream, transcript, options);
  try {
    await terminal.greet();
    const session = new FreertosSession(terminal, stream, options, transport.usbSerialNumber);
    return withLock(session, options.seal, {
      questions: terminal.questions,
      send: async (command) => (await terminal.run(command)).split('\n').map((line) => line.trim()),
    });
  } catch (error) {
    stream.release();
    throw error;
  }
}
