// Finds a device's port again by its USB serial number: after a restart it may come back under another path.

import { realpath } from 'node:fs/promises';
import type { PortLister } from './portInfo.ts';

/**
 * Where the device with this USB serial number, that was at `portPath`, is now. It is `portPath` itself when the device is there, when it
 * is nowhere, when several ports show the number (cheap adapters share theirs), and where ports cannot be listed.
 */
export async function findPort(
  { portPath, usbSerialNumber }: { readonly portPath: string; readonly usbSerialNumber: string },
  list: PortLister,
): Promise<string> {
  const ports = await list().catch(() => []);
  const found = ports.filter((port) => port.usbSerialNumber === usbSerialNumber).map(({ path }) => path);
  const [other] = found;
  if (other === undefined || found.length > 1 || found.includes(portPath)) return portPath;
  const isThere = (await realpath(portPath).catch(() => portPath)) === other;
  return isThere ? portPath : other;
}
