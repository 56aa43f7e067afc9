// Finds the driver that a target names and opens a device with it. This is the link as the station sees it.

import { type Clock, monotonicClock } from '../domain/clock.ts';
import type { DeviceSession } from '../domain/deviceSession.ts';
import type { KeyAlgorithm } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { TranscriptSink } from '../domain/transcript.ts';
import type { Driver } from './driver.ts';
import { extendSession } from './extendSession.ts';
import { checkPasswordSlot } from './passwordSlot.ts';
import { presentable } from './presentable.ts';
import { findPort } from './serial/findPort.ts';
import type { PortLister } from './serial/portInfo.ts';
import { listPorts as listSystemPorts } from './serial/portList.ts';
import type { OpenTransport, Transport } from './transport.ts';

export type { OpenTransport };

export interface LinkOptions {
  readonly drivers: readonly Driver[];
  readonly openTransport: OpenTransport;
  /** Where a device that comes back is looked for; the default is this computer's ports. */
  readonly listPorts?: PortLister | undefined;
  /** Monotonic; the default is the process's own. */
  readonly clock?: Clock;
}

export interface Link {
  open(request: {
    readonly portPath: string;
    /** Of a device that was at `portPath` before: it is opened where it is now. */
    readonly usbSerialNumber?: string | undefined;
    readonly target: Target;
    readonly transcript: TranscriptSink;
    readonly signal: AbortSignal;
  }): Promise<DeviceSession>;
}

/** Throws `target_invalid` when no driver has the name, or the driver does not take the target's options. */
export function driverFor(drivers: readonly Driver[], target: Target): Driver {
  const driver = drivers.find(({ name }) => name === target.driver);
  if (driver === undefined) {
    const known = drivers.map(({ name }) => name).join(', ');
    throw new StationError('target_invalid', {
      source: target.name,
      reason: `driver: unknown "${target.driver}"; known: ${known}`,
    });
  }
  driver.checkTarget(target);
  checkPasswordSlot(driver, target);
  return driver;
}

/**
 * The target with the keys that it takes: its own list, which the driver must be able to write (`target_invalid`), or all that
 * the driver can.
 */
export function withKeyAlgorithms(target: Target, driver: Driver): Target {
  const possible = driver.keyAlgorithms(target);
  const impossible = target.keyAlgorithms?.find((algorithm) => !possible.includes(algorithm));
  if (impossible === undefined) return { ...target, keyAlgorithms: target.keyAlgorithms ?? [...possible] };
  throw new StationError('target_invalid', {
    source: target.name,
    reason: `keyAlgorithms: ${impossibleKey(impossible, possible)}`,
  });
}

/** Why a target may not list such a key. */
export const impossibleKey = (algorithm: KeyAlgorithm, possible: readonly KeyAlgorithm[]): string =>
  `${algorithm} cannot be written in the form that the options name; possible: ${possible.join(', ')}`;

/** A link over these drivers; `openTransport` is `openSerialTransport`, or a pipe to a software device. */
export function createLink({
  drivers,
  openTransport,
  listPorts = listSystemPorts,
  clock = monotonicClock,
}: LinkOptions): Link {
  return {
    async open({ portPath: before, usbSerialNumber, target, transcript, signal }) {
      const driver = driverFor(drivers, target);
      const open = driver.openTransport ?? openTransport;
      const portPath =
        usbSerialNumber === undefined
          ? before
          : await findPort({ portPath: before, usbSerialNumber }, listPorts);
      const transport = await open({ portPath, line: target.line, signal });
      try {
        const session = await driver.open({ transport, target, transcript, clock, signal });
        return guarded(session, transport);
      } catch (error) {
        await transport.close();
        throw error;
      }
    },
  };
}

/**
 * The session, whose device may say what it likes of itself, and which at its end also gives the port back: whoever opened it here
 * closes it here, whatever the driver does.
 */
const guarded = (session: DeviceSession, transport: Transport): DeviceSession =>
  extendSession(session, {
    usbSerialNumber: transport.usbSerialNumber,
    identify: async () => presentable(await session.identify()),
    async close() {
      await session.close();
      await transport.close();
    },
  });
