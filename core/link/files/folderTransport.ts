// A folder in place of a port: it has a path and carries no bytes. And the folder's name for a device.

import type { DeviceSerial } from '../../domain/device.ts';
import type { Transport } from '../transport.ts';

export function folderTransport(path: string): Transport {
  let end: () => void = () => {};
  const closed = new Promise<'here'>((resolve) => {
    end = () => resolve('here');
  });
  return {
    portPath: path,
    usbSerialNumber: undefined,
    closed,
    write: () => Promise.reject(new Error('a folder carries no bytes')),
    onData: () => () => {},
    close: async () => end(),
  };
}

/** A device serial may hold characters that no file name may; those become `%` and two hex digits. */
export const deviceFolderName = (deviceSerial: DeviceSerial): string =>
  deviceSerial.replace(
    /[^A-Za-z0-9._-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
