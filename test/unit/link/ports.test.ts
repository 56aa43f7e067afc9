import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { findPort } from '../../../core/link/serial/findPort.ts';
import { groupName, openFailure } from '../../../core/link/serial/openFailure.ts';
import type { PortInfo } from '../../../core/link/serial/portInfo.ts';
import { listPorts } from '../../../core/link/serial/portList.ts';
import { listSysfsPorts } from '../../../core/link/serial/sysfsPorts.ts';

const port = (path: string, usbSerialNumber: string): PortInfo => ({
  path,
  usbSerialNumber,
  manufacturer: undefined,
  product: undefined,
  vendorId: undefined,
  productId: undefined,
  location: undefined,
});

/** A /sys as Linux shows it: a USB adapter, a chip on the board, a reserved 8250 number, and terminals without device. */
async function withSysfs(use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'keyline-sys-'));
  const file = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), `${text}\n`);
  };
  const link = async (path: string, target: string): Promise<void> => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await mkdir(join(root, target), { recursive: true });
    await symlink(join(root, target), join(root, path));
  };
  try {
    const usb = 'devices/pci0/usb1/1-2';
    await file(`${usb}/idVendor`, '1366');
    await file(`${usb}/idProduct`, '1051');
    await file(`${usb}/serial`, '000683123456');
    await file(`${usb}/manufacturer`, 'SEGGER');
    await file(`${usb}/product`, 'J-Link');
    await file(`${usb}/busnum`, '1');
    await file(`${usb}/devnum`, '9');
    await link(`${usb}/1-2:1.0/driver`, 'bus/usb/drivers/cdc_acm');
    await link('class/tty/ttyACM0/device', `${usb}/1-2:1.0`);
    await link('devices/platform/serial0/driver', 'bus/platform/drivers/pl011');
    await link('class/tty/ttyAMA0/device', 'devices/platform/serial0');
    await file('class/tty/ttyAMA0/type', '32');
    await link('devices/platform/serial8250/driver', 'bus/platform/drivers/serial8250');
    await link('class/tty/ttyS0/device', 'devices/platform/serial8250');
    await file('class/tty/ttyS0/type', '0');
    await file('class/tty/tty0/dev', '4:0');
    await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('listing without udevadm', () => {
  test('finds real ports and what is known of them', async () => {
    await withSysfs(async (root) => {
      const ports = await listSysfsPorts(root, join(root, 'dev'));
      expect(ports).toEqual(
        expect.arrayContaining([
          {
            path: join(root, 'dev', 'ttyACM0'),
            usbSerialNumber: '000683123456',
            manufacturer: 'SEGGER',
            product: 'J-Link',
            vendorId: '1366',
            productId: '1051',
            location: '1-2',
            attachment: '1-9',
          },
          expect.objectContaining({ path: join(root, 'dev', 'ttyAMA0'), usbSerialNumber: undefined }),
        ]),
      );
      expect(ports).toHaveLength(2);
    });
  });

  test('tells every plugging in from the one before, by the number of the bus and by the node', async () => {
    await withSysfs(async (root) => {
      const devices = join(root, 'dev');
      await mkdir(devices);
      const attachment = async (): Promise<string | undefined> =>
        (await listSysfsPorts(root, devices))?.find(({ path }) => path.endsWith('ttyACM0'))?.attachment;
      const seen = [await attachment()];
      await writeFile(join(root, 'devices/pci0/usb1/1-2/devnum'), '10\n');
      seen.push(await attachment());
      for (let times = 0; times < 2; times += 1) {
        await writeFile(join(devices, 'ttyACM0'), '');
        seen.push(await attachment());
        await rm(join(devices, 'ttyACM0'));
      }
      expect(new Set(seen).size).toBe(4);
      expect(await attachment()).toBe(seen[1]);
    });
  });

  test('says when there is nothing to read', async () => {
    expect(await listSysfsPorts('/nonexistent')).toBeUndefined();
  });

  test('works on this computer', async () => {
    expect(Array.isArray(await listPorts())).toBe(true);
  });
});

describe('a device that comes back', () => {
  const was = { portPath: '/dev/ttyACM1', usbSerialNumber: 'B' };
  const found = (...ports: readonly PortInfo[]) => findPort(was, async () => ports);

  test('is found by its USB serial number under another path', async () => {
    expect(await found(port('/dev/ttyACM0', 'A'), port('/dev/ttyACM7', 'B'))).toBe('/dev/ttyACM7');
  });

  test.each([
    ['it is there', [port('/dev/ttyACM1', 'B')]],
    ['it is there, and another with its number', [port('/dev/ttyACM7', 'B'), port('/dev/ttyACM1', 'B')]],
    ['two others have its number', [port('/dev/ttyACM7', 'B'), port('/dev/ttyACM8', 'B')]],
    ['nobody has its number', [port('/dev/ttyACM0', 'A')]],
  ])('stays where it was when %s', async (_, ports) => {
    expect(await found(...ports)).toBe('/dev/ttyACM1');
  });

  test('stays where it was when ports cannot be listed', async () => {
    const list = async () => {
      throw new StationError('port_listing_unavailable', {});
    };
    expect(await findPort(was, list)).toBe('/dev/ttyACM1');
  });
});

describe('a port that does not open', () => {
  test('belongs to a group that is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-group-'));
    try {
      const groupFile = join(folder, 'group');
      await writeFile(groupFile, 'root:x:0:\ndialout:x:20:anna\n');
      expect(await groupName(20, groupFile)).toBe('dialout');
      expect(await groupName(99, groupFile)).toBe('99');
      expect(await groupName(20, join(folder, 'missing'))).toBe('20');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.skipIf(process.platform === 'win32')('is told apart by what the system says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-open-'));
    try {
      const busy = await openFailure(
        folder,
        new Error('Error Resource temporarily unavailable Cannot lock port'),
      );
      expect([busy.code, busy.details]).toEqual(['port_busy', { path: folder }]);
      expect((await openFailure(join(folder, 'no'), new Error('x'))).code).toBe('port_missing');
      const other = await openFailure(folder, new Error('Input/output error'));
      expect([other.code, other.details]).toEqual([
        'port_failed',
        { path: folder, reason: 'Input/output error' },
      ]);
      // A file, a folder, a device of another kind.
      for (const message of ['Is a directory, cannot open', 'Inappropriate ioctl for device setting']) {
        const { code, details } = await openFailure(folder, new Error(message));
        expect([code, details]).toEqual(['port_missing', { path: folder, reason: 'not-a-port' }]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  // The super-user may open everything.
  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('is not permitted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-mode-'));
    try {
      const path = join(folder, 'port');
      await writeFile(path, '', { mode: 0o000 });
      const failure = await openFailure(path, new Error('Permission denied'));
      expect(failure.code).toBe('port_not_permitted');
      expect(failure.details.group).toEqual(expect.any(String));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
