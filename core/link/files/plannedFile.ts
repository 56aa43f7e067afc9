// The files of one credential in each format, and how its items are found again in what was read back.

import { pem } from '../../der/pemBytes.ts';
import type { Random } from '../../domain/clock.ts';
import { type CredentialItem, isSecretItem } from '../../domain/credential.ts';
import type { InstallMaterial } from '../../domain/install.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import type { PasswordSlot } from '../../domain/target.ts';
import { buildCredentialImage, readCredentialImage } from '../esp32/credentialImage.ts';
import type { Esp32ImageOptions, ImageForm } from '../esp32/options.ts';
import { concatenate } from '../plan/concatenate.ts';
import { leafOf, passwordItems, stationKeyOf } from '../plan/material.ts';
import type { FilesOptions } from './options.ts';
import { buildPkcs12 } from './pkcs12.ts';

export type ItemBytes = ReadonlyMap<CredentialItem, Uint8Array>;

export interface PlannedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What of the credential it holds, as stored in it; nothing in a note. */
  readonly items: ItemBytes;
  /** The same out of a file that was read back. */
  readonly readItems: (held: Uint8Array) => ItemBytes;
}

export interface FileParts {
  readonly options: FilesOptions;
  /** For PKCS#12. */
  readonly passphrase: Secret | undefined;
  readonly passwordSlot: PasswordSlot | undefined;
  readonly random: Random;
}

/** The files in the order written. They hold secrets: {@link wipeFile} them. */
export const planFiles = (material: InstallMaterial, parts: FileParts): readonly PlannedFile[] => [
  ...parts.options.formats.flatMap((format) => filesIn(format, material, parts)),
  ...passwordFiles(material, parts),
];

/** Username and password, each in a file of its own; in a partition's image they stand with the rest. */
function passwordFiles(
  { password }: InstallMaterial,
  { options, passwordSlot }: FileParts,
): readonly PlannedFile[] {
  if (password === undefined || passwordSlot === undefined || options.esp32Image !== undefined) return [];
  return passwordItems(password).map(([item, bytes]) => single(passwordSlot[item], item, bytes));
}

/** Overwrites a file's bytes and those of its items. */
export function wipeFile({ bytes, items }: PlannedFile): void {
  for (const [item, stored] of items) {
    if (!isSecretItem(item)) continue;
    bytes.fill(0);
    stored.fill(0);
  }
}

const single = (name: string, item: CredentialItem, bytes: Uint8Array): PlannedFile => ({
  name,
  bytes,
  items: new Map([[item, bytes]]),
  readItems: (held) => new Map([[item, held]]),
});

function filesIn(
  format: FilesOptions['formats'][number],
  material: InstallMaterial,
  { options, passphrase, passwordSlot, random }: FileParts,
): readonly PlannedFile[] {
  const { caDer, chainDer } = material;
  const secret = stationKeyOf(material);
  switch (format) {
    case 'pem': {
      const chain = concatenate(chainDer.map((der) => pem('CERTIFICATE', der)));
      return [
        single('ca.pem', 'ca', pem('CERTIFICATE', caDer)),
        single('chain.pem', 'certificate', chain),
        single(
          'key.pem',
          'privateKey',
          secret.use((der) => pem('PRIVATE KEY', der)),
        ),
      ];
    }
    case 'der':
      return [
        single('ca.der', 'ca', Uint8Array.from(caDer)),
        single('certificate.der', 'certificate', Uint8Array.from(leafOf(material))),
        single(
          'key.der',
          'privateKey',
          secret.use((der) => Uint8Array.from(der)),
        ),
      ];
    case 'pkcs12': {
      if (passphrase === undefined)
        throw new StationError('value_missing', { consumer: 'PKCS#12', field: 'passphrase' });
      const bytes = buildPkcs12(secret, [...chainDer, caDer], passphrase, random);
      return [single('credential.p12', 'privateKey', bytes)];
    }
    case 'esp32-image':
      if (options.esp32Image === undefined) throw new StationError('internal', { message: 'no esp32Image' });
      return imageFiles(material, { ...options.esp32Image, passwordSlot });
  }
}

/** The partition's content, and how to write it. */
function imageFiles(
  material: InstallMaterial,
  options: Esp32ImageOptions & ImageForm,
): readonly PlannedFile[] {
  const { image, items } = buildCredentialImage(material, options, options.partitionSizeBytes);
  const none: ItemBytes = new Map();
  return [
    {
      name: 'credential.bin',
      bytes: image,
      items,
      readItems: (held) => readCredentialImage(held, options),
    },
    { name: 'credential.txt', bytes: Buffer.from(imageNote(options)), items: none, readItems: () => none },
  ];
}

function imageNote({ chip, partition, partitionOffset, partitionSizeBytes }: Esp32ImageOptions): string {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const named = chip === undefined ? '' : ` --chip ${chip.toLowerCase().replace('-', '')}`;
  const command = `esptool${named} write-flash ${hex(partitionOffset)} credential.bin`;
  return `Partition ${partition}, ${hex(partitionSizeBytes)} bytes: ${command}\n`;
}
