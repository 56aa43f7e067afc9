// A folder of links that stand for ports: for what the operating system does not list as a serial port, such as simulated
// devices and ports of socat or ser2net. Each link's name counts as the port's USB serial number and place; it says
// nothing of what is behind it.

import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeAt } from './attachment.ts';
import type { PortInfo, PortLister } from './portInfo.ts';

const LINK_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What `folder` links to, after what `list` finds. A link without an end is a port that is not plugged in. */
export const withLinkedPorts =
  (folder: string, list: PortLister): PortLister =>
  async () => {
    const names = await readdir(folder).catch(() => []);
    const linked = await Promise.all(
      names
        .filter((name) => LINK_NAME.test(name))
        .sort()
        .map((name) => linkedPort(folder, name)),
    );
    return [...(await list()), ...linked.filter((port) => port !== undefined)];
  };

async function linkedPort(folder: string, name: string): Promise<PortInfo | undefined> {
  const path = await realpath(join(folder, name)).catch(() => undefined);
  if (path === undefined) return undefined;
  return {
    path,
    usbSerialNumber: name,
    manufacturer: undefined,
    product: 'linked port',
    vendorId: undefined,
    productId: undefined,
    location: `link-${name}`,
    attachment: await nodeAt(path),
    numberIsOfSocket: true,
  };
}
