// Lists Linux serial ports straight from /sys/class/tty. A tty with a device behind it is real; the built-in 8250 ports
// appear even where no chip is fitted and are left out unless one is.

import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nodeAt } from './attachment.ts';
import type { PortInfo } from './portInfo.ts';

/** PORT_UNKNOWN of the kernel's serial core: a port number reserved for a chip that is not there. */
const NO_CHIP = '0';
const USB_SEARCH_DEPTH = 6;

/** `undefined` where there is no such folder. `root` is `/sys` except in tests. */
export async function listSysfsPorts(
  root = '/sys',
  devices = '/dev',
): Promise<readonly PortInfo[] | undefined> {
  const folder = join(root, 'class', 'tty');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const ports = await Promise.all(names.map((name) => describe(join(folder, name), join(devices, name))));
  return ports.filter((port) => port !== undefined);
}

async function describe(entry: string, path: string): Promise<PortInfo | undefined> {
  const device = await realpath(join(entry, 'device')).catch(() => undefined);
  if (device === undefined) return undefined;
  const driver = await readlink(join(device, 'driver')).then(basename, () => undefined);
  if (driver === undefined) return undefined;
  if ((await attribute(entry, 'type')) === NO_CHIP) return undefined;
  const usb = await usbDeviceAbove(device);
  const read = async (name: string): Promise<string | undefined> => (usb ? attribute(usb, name) : undefined);
  return {
    path,
    usbSerialNumber: await read('serial'),
    manufacturer: await read('manufacturer'),
    product: await read('product'),
    vendorId: await read('idVendor'),
    productId: await read('idProduct'),
    location: usb === undefined ? undefined : basename(usb),
    attachment: [await nodeAt(path), usb && (await busNumber(usb))].filter(Boolean).join(' ') || undefined,
  };
}

/** Counts up with every device that the bus enumerates; also where `/dev` is a fixed one, as in a container. */
async function busNumber(usb: string): Promise<string> {
  return `${await attribute(usb, 'busnum')}-${await attribute(usb, 'devnum')}`;
}

/** The USB device that an interface belongs to: the nearest folder above that has a vendor id. */
async function usbDeviceAbove(device: string): Promise<string | undefined> {
  let folder = device;
  for (let depth = 0; depth < USB_SEARCH_DEPTH; depth += 1) {
    if ((await attribute(folder, 'idVendor')) !== undefined) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

async function attribute(folder: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
