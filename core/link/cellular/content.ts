// Certificates and keys as a module wants to be sent them.

import { pem, pemSize } from '../../der/pemBytes.ts';
import type { CertificateItem } from '../../domain/credential.ts';
import { type FormedKey, formKey } from '../plan/keyForm.ts';
import { md5Hex } from './checksum.ts';
import type { CellularDialect } from './dialect.ts';

type ContentForm = CellularDialect['content'];

const formed = (
  item: CertificateItem,
  der: Uint8Array,
  form: ContentForm,
): { readonly der: Uint8Array; readonly label: 'CERTIFICATE' | FormedKey['label'] } =>
  item === 'privateKey' ? formKey(der, form.privateKey) : { der: Uint8Array.from(der), label: 'CERTIFICATE' };

/** The bytes to send, and the MD5 of their DER, which some modules store in place of the PEM. */
export function storedContent(
  item: CertificateItem,
  der: Uint8Array,
  form: ContentForm,
): { readonly bytes: Uint8Array; readonly derMd5: string } {
  const { der: ownForm, label } = formed(item, der, form);
  const derMd5 = md5Hex(ownForm);
  if (form.encoding === 'der') return { bytes: ownForm, derMd5 };
  const text = pem(label, ownForm);
  ownForm.fill(0);
  if (form.lineEnd === 'lf') return { bytes: text, derMd5 };
  const bytes = Uint8Array.from([...text].flatMap((byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte])));
  text.fill(0);
  return { bytes, derMd5 };
}

/** The most that {@link storedContent} makes of so much DER. */
export function storedContentMaxSize(item: CertificateItem, derSizeBytes: number, form: ContentForm): number {
  if (form.encoding === 'der') return derSizeBytes;
  // A traditional form is shorter by more than its label is longer.
  const size = pemSize(item === 'privateKey' ? 'PRIVATE KEY' : 'CERTIFICATE', derSizeBytes);
  return form.lineEnd === 'lf' ? size : size + Math.ceil(size / 65) + 2;
}
