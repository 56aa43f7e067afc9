// The serial ports of this computer. On Linux they are read from sysfs, because the library's own listing needs the
// program udevadm, which small systems and containers lack.

import { StationError } from '../../domain/stationError.ts';
import type { PortInfo } from './portInfo.ts';
import { listSysfsPorts } from './sysfsPorts.ts';

/** Every port that may lead to a device, sorted by path. Error: `port_listing_unavailable` with the reason. */
export async function listPorts(): Promise<readonly PortInfo[]> {
  const ports = process.platform === 'linux' ? await listSysfsPorts() : undefined;
  return [...(ports ?? (await listWithLibrary()))].sort((a, b) =>
    a.path.localeCompare(b.path, 'en', { numeric: true }),
  );
}

async function listWithLibrary(): Promise<readonly PortInfo[]> {
  try {
    const { SerialPort } = await import('serialport');
    const ports = await SerialPort.list();
    return ports.map((port) => ({
      path: port.path,
      usbSerialNumber: port.serialNumber,
      manufacturer: port.manufacturer,
      product: undefined,
      vendorId: port.vendorId?.toLowerCase(),
      productId: port.productId?.toLowerCase(),
      location: port.locationId,
    }));
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === 'ENOENT' ? 'udevadm' : undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StationError('port_listing_unavailable', { reason, missing }, { cause });
  }
}
