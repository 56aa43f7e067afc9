// PEM and base64 from bytes to bytes, for key material: a JavaScript string cannot be wiped.

import { Buffer } from 'node:buffer';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');
const PADDING = 0x3d;
/** RFC 7468 2: encapsulated text is broken at 64 characters, which are 48 octets. */
const PEM_LINE_LENGTH = 64;
const PEM_LINE_OCTETS = 48;
const LINE_FEED = Uint8Array.of(0x0a);

export const base64Size = (sizeBytes: number): number => 4 * Math.ceil(sizeBytes / 3);

/** Writes octets `from` to `end` of `bytes` at `to`; returns the offset after them. RFC 4648 4. */
function writeBase64(target: Uint8Array, to: number, bytes: Uint8Array, from: number, end: number): number {
  let offset = to;
  for (let index = from; index < end; index += 3) {
    const available = end - index;
    const second = available > 1 ? (bytes[index + 1] ?? 0) : 0;
    const third = available > 2 ? (bytes[index + 2] ?? 0) : 0;
    const group = ((bytes[index] ?? 0) << 16) | (second << 8) | third;
    target[offset] = ALPHABET[group >> 18] ?? 0;
    target[offset + 1] = ALPHABET[(group >> 12) & 0x3f] ?? 0;
    target[offset + 2] = available > 1 ? (ALPHABET[(group >> 6) & 0x3f] ?? 0) : PADDING;
    target[offset + 3] = available > 2 ? (ALPHABET[group & 0x3f] ?? 0) : PADDING;
    offset += 4;
  }
  return offset;
}

export function base64(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(base64Size(bytes.length));
  writeBase64(text, 0, bytes, 0, bytes.length);
  return text;
}

/** Writes blocks with one label; `lineEnd` is LF but inside of JSON. */
export interface PemWriter {
  /** Octets that `sizeBytes` of DER become. */
  size(sizeBytes: number): number;
  /** Writes `der` at `offset`; returns the offset after it. A line end follows each line, the last too. */
  write(target: Uint8Array, offset: number, der: Uint8Array): number;
}

export function pemWriter(label: string, lineEnd: Uint8Array = LINE_FEED): PemWriter {
  const begin = Buffer.concat([Buffer.from(`-----BEGIN ${label}-----`, 'latin1'), lineEnd]);
  const end = Buffer.concat([Buffer.from(`-----END ${label}-----`, 'latin1'), lineEnd]);
  return {
    size(sizeBytes) {
      const characters = base64Size(sizeBytes);
      const lines = Math.ceil(characters / PEM_LINE_LENGTH);
      return begin.length + characters + lines * lineEnd.length + end.length;
    },
    write(target, offset, der) {
      target.set(begin, offset);
      let to = offset + begin.length;
      for (let from = 0; from < der.length; from += PEM_LINE_OCTETS) {
        to = writeBase64(target, to, der, from, Math.min(from + PEM_LINE_OCTETS, der.length));
        for (let index = 0; index < lineEnd.length; index += 1) target[to + index] = lineEnd[index] ?? 0;
        to += lineEnd.length;
      }
      target.set(end, to);
      return to + end.length;
    },
  };
}

/** The size of {@link pem} for `sizeBytes` of DER. */
export const pemSize = (label: string, sizeBytes: number): number => pemWriter(label).size(sizeBytes);

/** One block with LF line ends, one at the very end. */
export function pem(label: string, der: Uint8Array): Uint8Array {
  const writer = pemWriter(label);
  const whole = new Uint8Array(writer.size(der.length));
  writer.write(whole, 0, der);
  return whole;
}
