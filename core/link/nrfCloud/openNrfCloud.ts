// Opens the conversation with a credential shell that can make and keep keys.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { openCredentialShell } from '../zephyr/openZephyr.ts';
import { ZephyrSession } from '../zephyr/zephyrSession.ts';
import { requireDeviceKeys } from './deviceKeyCommands.ts';
import { NrfCloudSession } from './nrfCloudSession.ts';
import { parseNrfCloudOptions } from './options.ts';

/** A session with a device that makes its key itself; `capability_missing` where its firmware cannot. */
export function openNrfCloud(context: DriverContext): Promise<DeviceSession> {
  const options = parseNrfCloudOptions(context.target);
  return openCredentialShell(context, options, async (parts) => {
    await requireDeviceKeys(parts.line);
    const shell = new ZephyrSession({ ...parts, keyOnDevice: true });
    return new NrfCloudSession(shell, parts.line, options.securityTag);
  });
}
