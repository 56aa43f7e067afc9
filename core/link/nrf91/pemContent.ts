// Credential content as the modem takes it: PEM, with the line ends its firmware wants.

import { pem, pemSize } from '../../der/pemBytes.ts';
import type { CertificateItem } from '../../domain/credential.ts';

const LABELS: Readonly<Record<CertificateItem, string>> = {
  ca: 'CERTIFICATE',
  certificate: 'CERTIFICATE',
  privateKey: 'PRIVATE KEY',
};
const PEM_LINE_LENGTH = 64;
const BOUNDARY_LINES = 2;

/** PEM bytes; the caller wipes a key's. */
export function pemContent(item: CertificateItem, der: Uint8Array, lineEnd: 'lf' | 'crlf'): Uint8Array {
  const text = pem(LABELS[item], der);
  if (lineEnd === 'lf') return text;
  const bytes = Uint8Array.from([...text].flatMap((byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte])));
  text.fill(0);
  return bytes;
}

/** The most that {@link pemContent} makes of `derSizeBytes`: line ends of two bytes. */
export function pemContentMaxSize(item: CertificateItem, derSizeBytes: number): number {
  const lines = Math.ceil((4 * Math.ceil(derSizeBytes / 3)) / PEM_LINE_LENGTH) + BOUNDARY_LINES;
  return pemSize(LABELS[item], derSizeBytes) + lines;
}
