// Gives a session the phase that its target describes: a device whose target says nothing about a lock has no `seal`.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Target } from '../../domain/target.ts';
import { extendSession } from '../extendSession.ts';
import { DeviceLock, type LockLine } from './deviceLock.ts';
import { type SealOptions, sealSchema } from './sealOptions.ts';

/** The target's lock; undefined where it has none. The driver's own schema has checked it. */
export function sealOf(target: Target): SealOptions | undefined {
  const result = sealSchema.safeParse(target.options.seal);
  return result.success ? result.data : undefined;
}

/** The session with `seal`, and with the lock's state in what it finds. */
export function withLock(
  session: DeviceSession,
  options: SealOptions | undefined,
  line: LockLine,
): DeviceSession {
  if (options === undefined) return session;
  const lock = new DeviceLock(options, line);
  return extendSession(session, {
    identify: async () => ({ ...(await session.identify()), locked: await lock.isClosed() }),
    seal: () => lock.close(),
  });
}
