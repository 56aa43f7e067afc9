// A session with some of its parts in other hands. Sessions are classes with private state: spreading one would lose it.

import type { DeviceSession } from '../domain/deviceSession.ts';

export function extendSession(session: DeviceSession, changes: Partial<DeviceSession>): DeviceSession {
  return {
    usbSerialNumber: session.usbSerialNumber,
    identify: () => session.identify(),
    ...(session.generateKey === undefined ? {} : { generateKey: session.generateKey.bind(session) }),
    checkFit: (sizes) => session.checkFit(sizes),
    plan: (material) => session.plan(material),
    install: (plan, options) => session.install(plan, options),
    verify: (plan) => session.verify(plan),
    ...(session.holdsBeginning === undefined ? {} : { holdsBeginning: session.holdsBeginning.bind(session) }),
    ...(session.restart === undefined ? {} : { restart: session.restart.bind(session) }),
    ...(session.seal === undefined ? {} : { seal: session.seal.bind(session) }),
    close: () => session.close(),
    ...changes,
  };
}
