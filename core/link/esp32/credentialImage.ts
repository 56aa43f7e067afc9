// A credential as the whole content of its partition: what the loader writes, and what a gang programmer is given.

import type { CredentialItem } from '../../domain/credential.ts';
import type { InstallMaterial, InstallSizes } from '../../domain/install.ts';
import { derSizesOf, ITEMS, leafOf, stationKeyOf } from '../plan/material.ts';
import { buildNvsImage, type NvsEntry } from './image/nvsImage.ts';
import { readNvsImage } from './image/nvsReader.ts';
import { buildSecureCertImage, findEntry, readSecureCertImage, TLV_TYPES } from './image/secureCertImage.ts';
import { storedCertificate, storedPrivateKey } from './image/storedForm.ts';
import type { ImageForm } from './options.ts';

/** PEM of a DER of that size with its armour and NUL, at most. */
const pemSizeBytes = (derSize: number): number => Math.ceil((4 * Math.ceil(derSize / 3) * 65) / 64) + 70;

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
  options: ImageForm,
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
  return { image: imageOf({ ca, certificate, privateKey }, options, sizeBytes), items };
}

/** Throws `credential_too_large` where so much has no room: it is laid out as the credential will be, without one. */
export function checkImageFit(sizes: InstallSizes, options: ImageForm, sizeBytes: number): void {
  const derSizes = derSizesOf(sizes);
  const blank = (item: CredentialItem): Uint8Array =>
    new Uint8Array(options.encoding === 'pem' ? pemSizeBytes(derSizes[item]) : derSizes[item]);
  imageOf(
    { ca: blank('ca'), certificate: blank('certificate'), privateKey: blank('privateKey') },
    options,
    sizeBytes,
  );
}

/** The items in an image, as stored; those that it has. Throws `device_answer_invalid` where a checksum or a length is wrong. */
export function readCredentialImage(
  image: Uint8Array,
  options: ImageForm,
): ReadonlyMap<CredentialItem, Uint8Array> {
  const find = options.format === 'nvs' ? nvsFinder(image, options) : secureCertFinder(image);
  return new Map(
    ITEMS.flatMap((item): readonly [CredentialItem, Uint8Array][] => {
      const bytes = find(item);
      return bytes === undefined ? [] : [[item, bytes]];
    }),
  );
}

type Items = Readonly<Record<CredentialItem, Uint8Array>>;
type FindItem = (item: CredentialItem) => Uint8Array | undefined;

function secureCertFinder(image: Uint8Array): FindItem {
  const entries = readSecureCertImage(image);
  return (item) => findEntry(entries, TLV_TYPES[item])?.data;
}

function nvsFinder(image: Uint8Array, { nvs }: ImageForm): FindItem {
  const entries = readNvsImage(image);
  return (item) =>
    entries.findLast(({ namespace, key }) => namespace === nvs.namespace && key === nvs[item])?.data;
}

const imageOf = (items: Items, options: ImageForm, sizeBytes: number): Uint8Array =>
  options.format === 'nvs'
    ? buildNvsImage(nvsEntries(items, options), sizeBytes)
    : buildSecureCertImage(items, sizeBytes);

function nvsEntries(items: Items, { nvs }: ImageForm): readonly NvsEntry[] {
  const { namespace, type } = nvs;
  return ITEMS.map((item): NvsEntry => {
    const bytes = items[item];
    // A string's NUL is written by the store itself; a blob keeps the one that mbedTLS needs after PEM.
    return type === 'string'
      ? { namespace, key: nvs[item], kind: 'string', bytes: bytes.subarray(0, -1) }
      : { namespace, key: nvs[item], kind: 'blob', bytes };
  });
}
