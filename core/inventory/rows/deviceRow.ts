// A row of `device`.

import { z } from 'zod';
import { type Device, parseDeviceSerial, parseHardwareId } from '../../domain/device.ts';
import { nullable, parsedBy, rowParser, timeMs } from './row.ts';

export const DEVICE_COLUMNS =
  'device.device_number, device.device_serial, device.hardware_id, device.target_name, device.firmware, device.first_seen_at_ms';

export const deviceColumns = {
  device_serial: parsedBy(parseDeviceSerial),
  hardware_id: nullable(parsedBy(parseHardwareId)),
  target_name: z.string(),
  firmware: nullable(z.string()),
  first_seen_at_ms: timeMs,
};

/** The device among the columns of a row that may hold more. */
export const toDevice = (row: z.output<z.ZodObject<typeof deviceColumns>>): Device => ({
  deviceSerial: row.device_serial,
  hardwareId: row.hardware_id,
  targetName: row.target_name,
  firmware: row.firmware,
  firstSeenAtMs: row.first_seen_at_ms,
});

export const parseDeviceRow = rowParser(
  'device',
  'device_serial',
  z.object(deviceColumns).transform(toDevice),
);
