// A credential as the whole content of its partition: what the loader writes, and what a gang programmer is given.

import type { CredentialItem } from '../../domain/credential.ts';
import type { InstallMaterial } from '../../domain/install.ts';
import { ITEMS, leafOf, stationKeyOf } from '../plan/material.ts';
import { buildNvsImage, type NvsEntry } from './image/nvsImage.ts';
import { buildSecureCertImage } from './image/secureCertImage.ts';
import { storedCertificate, storedPrivateKey } from './image/storedForm.ts';
import type { Esp32Options } from './options.ts';

export interface CredentialImage {
  /** Covers the partition to its end, so that nothing of an older key stays. Holds the key: wipe it. */
  readonly image: Uint8Array;
  /** Each item as stored, in the order stored. */
  readonly items: ReadonlyMap<CredentialItem, Uint8Array>;
}

/**
 * Builds the content of a partition of `sizeBytes`. Throws `credential_too_large`, `custody_not_offered` without a key (a plain ESP32
 * partition always holds one), or `capability_missing` for a key that has no form there.
 */
export function buildCredentialImage(
  material: InstallMaterial,
  options: Esp32Options,
  sizeBytes: number,
): CredentialImage {
  const ca = storedCertificate(material.caDer, options.encoding);
  const certificate = storedCertificate(leafOf(material), options.encoding);
  const privateKey = storedPrivateKey(stationKeyOf(material), options.encoding);
  const items = new Map<CredentialItem, Uint8Array>([
    ['ca', ca],
    ['certificate', certificate],
    ['privateKey', privateKey],
  ]);
  const image =
    options.format === 'nvs'
      ? buildNvsImage(nvsEntries(items, options), sizeBytes)
      : buildSecureCertImage({ ca, certificate, privateKey }, sizeBytes);
  return { image, items };
}

function nvsEntries(
  items: ReadonlyMap<CredentialItem, Uint8Array>,
  options: Esp32Options,
): readonly NvsEntry[] {
  const { namespace, type } = options.nvs;
  return ITEMS.flatMap((item): readonly NvsEntry[] => {
    const bytes = items.get(item);
    if (bytes === undefined) return [];
    // A string's NUL is written by the store itself; a blob keeps the one that mbedTLS needs after PEM.
    return type === 'string'
      ? [{ namespace, key: options.nvs[item], kind: 'string', bytes: bytes.subarray(0, -1) }]
      : [{ namespace, key: options.nvs[item], kind: 'blob', bytes }];
  });
}
