// The serial number of a certificate: 20 random octets, positive, never zero-led.

import type { Brand } from './brand.ts';
import type { Random } from './clock.ts';
import { toHex } from './hex.ts';

/** 40 lower-case hex digits. */
export type CertificateSerial = Brand<string, 'CertificateSerial'>;

const SERIAL_BYTES = 20;

/**
 * Draws a certificate serial. RFC 5280 4.1.2.2 asks for a positive integer of at most 20 octets; clearing the top bit
 * keeps DER from adding a 21st octet and setting the next one keeps the length fixed, which leaves 158 random bits.
 */
export function newCertificateSerial(random: Random): CertificateSerial {
  const bytes = Uint8Array.from(random.bytes(SERIAL_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return toHex(bytes) as CertificateSerial;
}

const SHARED_BYTES = 8;

/**
 * Draws serials for a block of certificates. They share their first 8 octets, drawn for the block, so that they stand side by
 * side wherever serials are sorted; the other 12 are random for each: 96 bits nobody can foresee, and 158 that tell any two
 * blocks apart.
 */
export function newCertificateSerials(random: Random, count: number): readonly CertificateSerial[] {
  const shared = newCertificateSerial(random).slice(0, 2 * SHARED_BYTES);
  const size = SERIAL_BYTES - SHARED_BYTES;
  const digits = toHex(random.bytes(size * count));
  return Array.from(
    { length: count },
    (_, index) => `${shared}${digits.slice(2 * index * size, 2 * (index + 1) * size)}` as CertificateSerial,
  );
}

/** Whether `text` has the form that {@link newCertificateSerial} gives. */
export const isCertificateSerial = (text: string): text is CertificateSerial =>
  /^[4-7][0-9a-f]{39}$/.test(text);
