// Finds a device's port again by its USB serial number: after a restart it may come back under another path.

import { realpath } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
import { throwIfAborted } from '../abort.ts';
import type { PortInfo, PortLister } from './portInfo.ts';
import { listPorts } from './portList.ts';

const POLL_INTERVAL_MS = 100;

/** What to wait for: a USB serial number, or a link (udev's by-id, or a software device's) that is pointed anew. */
export type PortIdentity = { readonly usbSerialNumber: string } | { readonly linkPath: string };

/** The port that has this identity now; undefined when it is not there. */
export async function findPort(
  identity: PortIdentity,
  list: PortLister = listPorts,
): Promise<Pick<PortInfo, 'path'> | undefined> {
  if ('linkPath' in identity) {
    const path = await realpath(identity.linkPath).catch(() => undefined);
    return path === undefined ? undefined : { path };
  }
  return (await list()).find(({ usbSerialNumber }) => usbSerialNumber === identity.usbSerialNumber);
}

/**
 * Waits until the port is there; `notPath` leaves out the path under which it vanished. Throws `device_gone` after
 * `timeoutMs`, `port_listing_unavailable`, or what aborted the signal.
 */
export async function waitForPort(
  identity: PortIdentity,
  options: {
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly list?: PortLister;
    readonly notPath?: string;
  },
): Promise<string> {
  const { signal, timeoutMs, clock, notPath } = options;
  const endsAtMs = clock.nowMs() + timeoutMs;
  for (;;) {
    throwIfAborted(signal);
    const port = await findPort(identity, options.list);
    if (port !== undefined && port.path !== notPath) return port.path;
    if (clock.nowMs() >= endsAtMs) {
      throw new StationError('device_gone', { ...identity, waitedMs: timeoutMs });
    }
    await pause(POLL_INTERVAL_MS, signal);
  }
}

/** An abort ends it too; whoever waits looks at the signal next. */
const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  setTimeout(durationMs, undefined, { signal }).catch(() => {});
