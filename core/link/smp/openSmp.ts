// Opens the conversation with a device's MCUmgr.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { ItemPaths } from '../plan/itemPaths.ts';
import { streamOf } from '../stream/byteStream.ts';
import { parseSmpOptions } from './options.ts';
import { SmpClient } from './smpClient.ts';
import { SmpSession } from './smpSession.ts';

/** A session with a device whose MCUmgr answers. The caller closes the transport when this throws. */
export async function openSmp({
  transport,
  target,
  transcript,
  clock,
  signal,
}: DriverContext): Promise<DeviceSession> {
  const options = parseSmpOptions(target);
  const stream = streamOf({ transport, clock, signal, target });
  const session = new SmpSession(
    new SmpClient(stream, transcript),
    stream,
    options,
    new ItemPaths(options.paths, target.passwordSlot),
    transport.usbSerialNumber,
  );
  try {
    await session.greet();
    return session;
  } catch (error) {
    stream.release();
    throw error;
  }
}
