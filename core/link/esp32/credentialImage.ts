// A credential as the whole content of its partition: what the loader writes, and what a gang programmer is given.

import { type CertificateItem, CREDENTIAL_ITEMS, type CredentialItem } from '../../domain/credential.ts';
import type { InstallMaterial, InstallSizes } from '../../domain/install.ts';
import { StationError } from '../../domain/stationError.ts';
import { derSizesOf, leafOf, passwordItems, stationKeyOf } from '../plan/material.ts';
import { buildNvsImage, type NvsEntry } from './image/nvsImage.ts';
import { readNvsImage } from './image/nvsReader.ts';
import { buildSecureCertImage, findEntry, readSecureCertImage, TLV_TYPES } from './image/secureCertImage.ts';
import { storedCertificate, storedPrivateKey, storedText } from './image/storedForm.ts';
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
  const texts = material.password === undefined ? [] : passwordItems(material.password);
  const items: Items = {
    ca: storedCertificate(material.caDer, options.encoding),
    certificate: storedCertificate(leafOf(material), options.encoding),
    privateKey: storedPrivateKey(stationKeyOf(material), options.encoding),
    ...Object.fromEntries(texts.map(([item, text]) => [item, storedText(text)])),
  };
  return { image: imageOf(items, options, sizeBytes), items: new Map(entriesOf(items)) };
}

/** Throws `credential_too_large` where so much has no room: it is laid out as the credential will be, without one. */
export function checkImageFit(sizes: InstallSizes, options: ImageForm, sizeBytes: number): void {
  const derSizes = derSizesOf(sizes);
  const blank = (item: CertificateItem): Uint8Array =>
    new Uint8Array(options.encoding === 'pem' ? pemSizeBytes(derSizes[item]) : derSizes[item]);
  const { password } = sizes;
  const items: Items = {
    ca: blank('ca'),
    certificate: blank('certificate'),
    privateKey: blank('privateKey'),
    ...(password && {
      username: storedText(new Uint8Array(password.usernameSizeBytes)),
      password: storedText(new Uint8Array(password.passwordSizeBytes)),
    }),
  };
  imageOf(items, options, sizeBytes);
}

/** The items in an image, as stored; those that it has. Throws `device_answer_invalid` where a checksum or a length is wrong. */
export function readCredentialImage(
  image: Uint8Array,
  options: ImageForm,
): ReadonlyMap<CredentialItem, Uint8Array> {
  const find = options.format === 'nvs' ? nvsFinder(image, options) : secureCertFinder(image);
  return new Map(
    CREDENTIAL_ITEMS.flatMap((item): readonly [CredentialItem, Uint8Array][] => {
      const bytes = find(item);
      return bytes === undefined ? [] : [[item, bytes]];
    }),
  );
}

type Items = Readonly<Record<CertificateItem, Uint8Array>> &
  Readonly<Partial<Record<CredentialItem, Uint8Array>>>;
type FindItem = (item: CredentialItem) => Uint8Array | undefined;

function secureCertFinder(image: Uint8Array): FindItem {
  const entries = readSecureCertImage(image);
  return (item) =>
    item === 'username' || item === 'password' ? undefined : findEntry(entries, TLV_TYPES[item])?.data;
}

function nvsFinder(image: Uint8Array, options: ImageForm): FindItem {
  const entries = readNvsImage(image);
  return (item) => {
    const wanted = nvsKey(item, options);
    return entries.findLast(({ namespace, key }) => namespace === options.nvs.namespace && key === wanted)
      ?.data;
  };
}

/** Those that there are, in the order stored. */
const entriesOf = (items: Items): readonly (readonly [CredentialItem, Uint8Array])[] =>
  CREDENTIAL_ITEMS.flatMap((item) => {
    const bytes = items[item];
    return bytes === undefined ? [] : [[item, bytes] as const];
  });

const imageOf = (items: Items, options: ImageForm, sizeBytes: number): Uint8Array =>
  options.format === 'nvs'
    ? buildNvsImage(nvsEntries(items, options), sizeBytes)
    : buildSecureCertImage(items, sizeBytes);

/** Undefined where the target has no place for it. */
const nvsKey = (item: CredentialItem, { nvs, passwordSlot }: ImageForm): string | undefined =>
  item === 'username' || item === 'password' ? passwordSlot?.[item] : nvs[item];

function nvsEntries(items: Items, options: ImageForm): readonly NvsEntry[] {
  const { namespace, type } = options.nvs;
  return entriesOf(items).map(([item, bytes]): NvsEntry => {
    const key = nvsKey(item, options);
    if (key === undefined) throw new StationError('internal', { message: `no key for ${item}` });
    // A string's NUL is written by the store itself; a blob keeps the one that mbedTLS needs after PEM. Names and passwords are
    // read as strings, whatever the certificate is.
    return type === 'string' || item === 'username' || item === 'password'
      ? { namespace, key, kind: 'string', bytes: bytes.subarray(0, -1) }
      : { namespace, key, kind: 'blob', bytes };
  });
}
