// A physical unit and the two names it has: the one printed on it and the one its silicon reports.

import type { Brand } from './brand.ts';
import { StationError } from './stationError.ts';

/** What is printed on the unit and scanned by the operator. */
export type DeviceSerial = Brand<string, 'DeviceSerial'>;

/** What the unit's silicon (or, failing that, its USB descriptor) reports. */
export type HardwareId = Brand<string, 'HardwareId'>;

export interface Device {
  readonly deviceSerial: DeviceSerial;
  readonly hardwareId: HardwareId | undefined;
  readonly targetName: string;
  readonly firmware: string | undefined;
  readonly firstSeenAtMs: number;
}

/** What a device said of itself when it was last asked. */
export interface DeviceSighting {
  readonly hardwareId: HardwareId | undefined;
  readonly firmware: string | undefined;
  readonly atMs: number;
}

/** X.520 ub-common-name: the device serial becomes the certificate's common name. */
export const DEVICE_SERIAL_MAX_LENGTH = 64;
const DEVICE_SERIAL_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:+/-]*$/;
const HARDWARE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** A short, printable rendering of hostile text for an error message. */
export function quoteForDisplay(text: string, maxLength = 40): string {
  const head = text.slice(0, maxLength);
  const escaped = head.replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return text.length > maxLength ? `${escaped}… (${text.length} characters)` : escaped;
}

/**
 * Reads a device serial as scanned: letters, digits and `. _ : + / -`, at most 64, starting with a letter or digit.
 * Nothing is trimmed or rewritten: what goes in is what is signed, or it is refused (`device_serial_invalid`).
 */
export function parseDeviceSerial(input: unknown): DeviceSerial {
  if (typeof input !== 'string' || input.length === 0) {
    throw new StationError('device_serial_invalid', { value: '', reason: 'empty', meaning: 'nothing-read' });
  }
  const refuse = (reason: string, limit?: number): never => {
    throw new StationError('device_serial_invalid', { value: quoteForDisplay(input), reason, limit });
  };
  if (input.length > DEVICE_SERIAL_MAX_LENGTH) refuse('too-long', DEVICE_SERIAL_MAX_LENGTH);
  if (!DEVICE_SERIAL_PATTERN.test(input)) refuse('alphabet');
  return input as DeviceSerial;
}

/** Reads a hardware id as a driver found it; a device may send anything (`device_answer_invalid`). */
export function parseHardwareId(input: unknown): HardwareId {
  if (typeof input !== 'string' || !HARDWARE_ID_PATTERN.test(input)) {
    throw new StationError('device_answer_invalid', {
      what: 'hardware id',
      value: quoteForDisplay(String(input)),
    });
  }
  return input as HardwareId;
}
