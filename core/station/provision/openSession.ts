// Opening the line to the device of a run.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import { interruption } from '../deadline.ts';
import type { RunContext } from './context.ts';

/** Opens it, for a device that was there before where it is now; a session that comes when the phase's time is over is closed again, since nobody waits for it any more. */
export async function openSession(
  context: RunContext,
  signal: AbortSignal,
  usbSerialNumber?: string,
): Promise<DeviceSession> {
  const { ports, request, transcript } = context;
  const { portPath, target } = request;
  const session = await ports.link.open({ portPath, usbSerialNumber, target, transcript, signal });
  if (!signal.aborted) return session;
  await session.close();
  throw interruption(signal.reason);
}
