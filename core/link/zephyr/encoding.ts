// Turns DER into what the credential shell takes. Key material goes from bytes to bytes, because a JavaScript string
// cannot be wiped.

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');
const PADDING = 0x3d;
const NEWLINE = 0x0a;
/** RFC 7468 2: encapsulated text is broken at 64 characters. */
const PEM_LINE_LENGTH = 64;

export const base64Size = (sizeBytes: number): number => 4 * Math.ceil(sizeBytes / 3);

/** RFC 4648 4. */
export function base64(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(base64Size(bytes.length)).fill(PADDING);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const available = Math.min(3, bytes.length - from);
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    for (let sextet = 0; sextet <= available; sextet += 1) {
      text[to + sextet] = ALPHABET[(group >> (18 - 6 * sextet)) & 0x3f] ?? PADDING;
    }
  }
  return text;
}

const boundaries = (label: string): readonly [Uint8Array, Uint8Array] => [
  Buffer.from(`-----BEGIN ${label}-----\n`, 'latin1'),
  Buffer.from(`-----END ${label}-----\n`, 'latin1'),
];

/** The size of {@link pem} for `sizeBytes` of DER. */
export function pemSize(label: string, sizeBytes: number): number {
  const characters = base64Size(sizeBytes);
  const [begin, end] = boundaries(label);
  return begin.length + characters + Math.ceil(characters / PEM_LINE_LENGTH) + end.length;
}

/** RFC 7468, LF line ends, one at the very end. */
export function pem(label: string, der: Uint8Array): Uint8Array {
  const [begin, end] = boundaries(label);
  const text = base64(der);
  const whole = new Uint8Array(pemSize(label, der.length));
  whole.set(begin);
  let to = begin.length;
  for (let from = 0; from < text.length; from += PEM_LINE_LENGTH) {
    const line = text.subarray(from, from + PEM_LINE_LENGTH);
    whole.set(line, to);
    to += line.length;
    whole[to] = NEWLINE;
    to += 1;
  }
  whole.set(end, to);
  text.fill(0);
  return whole;
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
