// Decides how each credential travels and what the device will then hold, byte for byte, before anything is sent.

import { createHash } from 'node:crypto';
import { base64, base64Size, pem, pemSize } from '../../der/pemBytes.ts';
import type { CertificateItem } from '../../domain/credential.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial, InstallSizes } from '../../domain/install.ts';
import { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { concatenate } from '../plan/concatenate.ts';
import { formKey } from '../plan/keyForm.ts';
import type { ZephyrOptions } from './options.ts';

/**
 * How the shell is told to store it. `bin`: base64 in, bytes stored · `bint`: the same and one NUL · `strt`: text as it
 * is and one NUL. mbedTLS reads PEM only when the NUL is there.
 */
export type StorageFormat = 'bin' | 'bint' | 'strt';

export interface PlannedItem {
  readonly item: CertificateItem;
  readonly format: StorageFormat;
  /** The characters to put into the device's buffer. */
  readonly text: Secret;
  readonly textSizeBytes: number;
  readonly storedSizeBytes: number;
  readonly storedSha256: Sha256Hex;
}

/** The key goes first: the shell's history keeps the last lines typed, and certificates push the key's out of it. */
export const INSTALL_ORDER: readonly CertificateItem[] = ['privateKey', 'certificate', 'ca'];

const NUL = Uint8Array.of(0);
const CERTIFICATE_LABEL = 'CERTIFICATE';

const sendsPem = (options: ZephyrOptions, item: CertificateItem): boolean =>
  options.format === 'pem' ||
  (options.format === 'auto' && item === 'certificate' && options.chain === 'leaf+issuing');

/** Base64 of PEM where it fits the buffer; else the PEM text itself, which needs a third less room. */
function pemFormat(
  pemSizeBytes: number,
  capacityBytes: number,
): { format: StorageFormat; textSizeBytes: number } {
  const encoded = base64Size(pemSizeBytes);
  return encoded <= capacityBytes
    ? { format: 'bint', textSizeBytes: encoded }
    : { format: 'strt', textSizeBytes: pemSizeBytes };
}

function requireFit(item: CertificateItem, textSizeBytes: number, capacityBytes: number): void {
  if (textSizeBytes <= capacityBytes) return;
  throw new StationError('credential_too_large', {
    item,
    sizeBytes: textSizeBytes,
    limitBytes: capacityBytes,
  });
}

/** Throws `credential_too_large` if something of these sizes would not go through the device's buffer. */
export function checkSizes(sizes: InstallSizes, options: ZephyrOptions, capacityBytes: number): void {
  const chain = [sizes.certificateDerMaxSizeBytes];
  // The issuing CA's size is not known here; it is a CA certificate of the same kind as the root's.
  if (options.chain === 'leaf+issuing') chain.push(sizes.caDerSizeBytes);
  const parts: readonly [CertificateItem, string, readonly number[]][] = [
    // A traditional form is shorter by more than its label is longer.
    ['privateKey', 'PRIVATE KEY', [sizes.privateKeyPkcs8SizeBytes]],
    ['certificate', CERTIFICATE_LABEL, chain],
    ['ca', CERTIFICATE_LABEL, [sizes.caDerSizeBytes]],
  ];
  for (const [item, label, derSizes] of parts) {
    const textSizeBytes = sendsPem(options, item)
      ? pemFormat(
          derSizes.reduce((sum, size) => sum + pemSize(label, size), 0),
          capacityBytes,
        ).textSizeBytes
      : base64Size(derSizes[0] ?? 0);
    requireFit(item, textSizeBytes, capacityBytes);
  }
}

/** Lays the material out as this target stores it; without a key, the certificates alone. Errors: `credential_too_large`, `value_invalid`, `capability_missing`. */
export function planItems(
  material: InstallMaterial,
  options: ZephyrOptions,
  capacityBytes: number,
): readonly PlannedItem[] {
  const [leaf, issuing] = material.chainDer;
  if (leaf === undefined || (options.chain === 'leaf+issuing' && issuing === undefined)) {
    throw new StationError('value_invalid', { field: 'chain', value: options.chain, reason: 'missing' });
  }
  const chain = options.chain === 'leaf+issuing' && issuing !== undefined ? [leaf, issuing] : [leaf];
  const lay = (item: CertificateItem, label: string, ders: readonly Uint8Array[]): PlannedItem =>
    layOut(item, label, ders, sendsPem(options, item), capacityBytes);

  const key = material.privateKeyPkcs8?.use((pkcs8) => {
    const { der, label } = formKey(pkcs8, options.privateKeyEncoding);
    try {
      return lay('privateKey', label, [der]);
    } finally {
      der.fill(0);
    }
  });
  return [
    ...(key === undefined ? [] : [key]),
    lay('certificate', CERTIFICATE_LABEL, chain),
    lay('ca', CERTIFICATE_LABEL, [material.caDer]),
  ];
}

function layOut(
  item: CertificateItem,
  label: string,
  ders: readonly Uint8Array[],
  asPem: boolean,
  capacityBytes: number,
): PlannedItem {
  const pems = asPem ? ders.map((der) => pem(label, der)) : [];
  const content = asPem ? concatenate(pems) : concatenate(ders.slice(0, 1));
  const stored = asPem ? concatenate([content, NUL]) : content;
  const format = asPem ? pemFormat(content.length, capacityBytes).format : 'bin';
  const text = format === 'strt' ? Uint8Array.from(content) : base64(content);
  const planned: PlannedItem = {
    item,
    format,
    text: new Secret(text),
    textSizeBytes: text.length,
    storedSizeBytes: stored.length,
    storedSha256: createHash('sha256').update(stored).digest('hex') as Sha256Hex,
  };
  for (const bytes of [...pems, content, stored]) bytes.fill(0);
  requireFit(item, text.length, capacityBytes);
  return planned;
}
