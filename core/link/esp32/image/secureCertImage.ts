// The esp_secure_cert partition in its TLV form (esp_secure_cert_mgr, docs/format.md): written byte for byte as
// Espressif's generator does, and read back with every checksum proved. Knows nothing of lines or chips.

import { createHash } from 'node:crypto';
import { StationError } from '../../../domain/stationError.ts';
import { espCrc32 } from './crc32.ts';
import { padTo, readU16, readU32, writeU16, writeU32 } from './littleEndian.ts';

/** Entry types that Keyline writes or shows; readers skip the rest. */
export const TLV_TYPES = {
  ca: 0,
  certificate: 1,
  privateKey: 2,
  dsData: 3,
  dsContext: 4,
  ecdsaKeySalt: 5,
  securityConfig: 6,
  teeStorageKey: 7,
  signatureBlock: 8,
  integrity: 9,
} as const;

/** The partition row of Espressif's examples; readers find it by type and name. */
export const SECURE_CERT_PARTITION = { name: 'esp_secure_cert', type: 0x3f, sizeBytes: 0x2000 } as const;

const MAGIC = 0xba5eba11;
const HEADER_SIZE_BYTES = 12;
const FOOTER_SIZE_BYTES = 4;
const ALIGNMENT_BYTES = 16;
const ERASED = 0xff;

export interface TlvEntry {
  readonly type: number;
  /** Index among the entries of one type, 0 to 16. */
  readonly subtype: number;
  /** Bit 7 HMAC-encrypted, bit 6 HMAC-derived, bit 3 key in the ECDSA peripheral; 0 is plain. */
  readonly flags: number;
  readonly data: Uint8Array;
}

export interface SecureCertItems {
  /** Each in its stored form ({@link storedCertificate}, {@link storedPrivateKey}). */
  readonly ca: Uint8Array;
  readonly certificate: Uint8Array;
  readonly privateKey: Uint8Array | undefined;
}

const paddedSize = (sizeBytes: number): number => Math.ceil(sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;

function encodeEntry(entry: TlvEntry): Uint8Array {
  const bodySize = HEADER_SIZE_BYTES + paddedSize(entry.data.length);
  const bytes = new Uint8Array(bodySize + FOOTER_SIZE_BYTES);
  writeU32(bytes, 0, MAGIC);
  bytes[4] = entry.flags;
  bytes[8] = entry.type;
  bytes[9] = entry.subtype;
  writeU16(bytes, 10, entry.data.length);
  bytes.set(entry.data, HEADER_SIZE_BYTES);
  writeU32(bytes, bodySize, espCrc32(bytes.subarray(0, bodySize)));
  return bytes;
}

/** Bytes that an entry with `dataSizeBytes` takes: header, padded data, checksum. */
export const entrySizeBytes = (dataSizeBytes: number): number =>
  HEADER_SIZE_BYTES + paddedSize(dataSizeBytes) + FOOTER_SIZE_BYTES;

/** Entries back to back in the order given, with the SHA-256 of them all (type 9) last. */
export function encodeEntries(entries: readonly TlvEntry[]): Uint8Array {
  const parts = entries.map(encodeEntry);
  const content = Buffer.concat(parts);
  const integrity = encodeEntry({
    type: TLV_TYPES.integrity,
    subtype: 0,
    flags: 0,
    data: createHash('sha256').update(content).digest(),
  });
  const whole = Uint8Array.from(Buffer.concat([content, integrity]));
  for (const part of parts) part.fill(0);
  content.fill(0);
  return whole;
}

/**
 * The whole partition: CA, device certificate, private key, integrity, then 0xFF to `partitionSizeBytes` so that nothing of
 * an older key survives in a sector that a shorter image would not touch. Throws `credential_too_large`.
 */
export function buildSecureCertImage(items: SecureCertItems, partitionSizeBytes: number): Uint8Array {
  const entry = (type: number, data: Uint8Array): TlvEntry => ({ type, subtype: 0, flags: 0, data });
  const entries = [entry(TLV_TYPES.ca, items.ca), entry(TLV_TYPES.certificate, items.certificate)];
  if (items.privateKey !== undefined) entries.push(entry(TLV_TYPES.privateKey, items.privateKey));
  const content = encodeEntries(entries);
  try {
    if (content.length > partitionSizeBytes) {
      throw new StationError('credential_too_large', {
        sizeBytes: content.length,
        limitBytes: partitionSizeBytes,
      });
    }
    return padTo(content, partitionSizeBytes, ERASED);
  } finally {
    content.fill(0);
  }
}

/**
 * Reads a partition until the first place without the magic. Throws `device_answer_invalid` when an entry runs past the
 * end, a checksum is wrong, or an integrity entry does not match what stands before it.
 */
export function readSecureCertImage(bytes: Uint8Array): readonly TlvEntry[] {
  const entries: TlvEntry[] = [];
  let offset = 0;
  while (offset + HEADER_SIZE_BYTES <= bytes.length && readU32(bytes, offset) === MAGIC) {
    const dataSize = readU16(bytes, offset + 10);
    const size = entrySizeBytes(dataSize);
    if (offset + size > bytes.length) throw invalid(offset, 'runs past the end');
    const crcAt = offset + size - FOOTER_SIZE_BYTES;
    if (espCrc32(bytes.subarray(offset, crcAt)) !== readU32(bytes, crcAt)) throw invalid(offset, 'checksum');
    const data = bytes.slice(offset + HEADER_SIZE_BYTES, offset + HEADER_SIZE_BYTES + dataSize);
    const entry = {
      type: bytes[offset + 8] ?? 0,
      subtype: bytes[offset + 9] ?? 0,
      flags: bytes[offset + 4] ?? 0,
      data,
    };
    if (entry.type === TLV_TYPES.integrity) {
      const digest = createHash('sha256').update(bytes.subarray(0, offset)).digest();
      if (!digest.equals(data)) throw invalid(offset, 'integrity');
    }
    entries.push(entry);
    offset += size;
  }
  return entries;
}

const invalid = (offset: number, reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'esp_secure_cert entry', offset, reason });

/** The last entry of a type is the one that counts (readers look the highest subtype up). */
export const findEntry = (entries: readonly TlvEntry[], type: number): TlvEntry | undefined =>
  entries.findLast((entry) => entry.type === type);
