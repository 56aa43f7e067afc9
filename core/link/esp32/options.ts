// What a target may say about an ESP32 and where its firmware looks for its credential.

import { z } from 'zod';
import type { PasswordSlot, Target } from '../../domain/target.ts';
import type { PasswordPlaces } from '../driver.ts';
import { optionsInvalid, readOptions } from '../targetOptions.ts';
import { NVS_MIN_PAGES, NVS_PAGE_SIZE_BYTES } from './image/nvsImage.ts';

const nvsName = z.string().regex(/^[\x21-\x7e]{1,15}$/, '1 to 15 printable characters');

/** Where the firmware looks for its credential, and in what form. */
const place = {
  /** `esp_secure_cert`: TLV partition of Espressif's esp_secure_cert_mgr; `nvs`: a key-value partition of its own. */
  format: z.enum(['esp_secure_cert', 'nvs']).default('esp_secure_cert'),
  /** The partition's name in the board's table; for `nvs` one that holds nothing else, because it is written whole. */
  partition: z
    .string()
    .regex(/^[\x20-\x7e]{1,16}$/, '1 to 16 printable characters')
    .default('esp_secure_cert'),
  encoding: z.enum(['pem', 'der']).default('pem'),
  nvs: z
    .strictObject({
      namespace: nvsName.default('tls'),
      ca: nvsName.default('ca'),
      certificate: nvsName.default('certificate'),
      privateKey: nvsName.default('key'),
      type: z.enum(['string', 'blob']).default('string'),
    })
    .prefault({}),
};

export const esp32OptionsSchema = z.strictObject({
  ...place,
  /** As the chip calls itself ("ESP32-C3"); another chip is refused. */
  chip: z.string().optional(),
  flashBaudRate: z.int().min(9_600).max(2_000_000).default(460_800),
  reset: z.enum(['auto', 'none']).default('auto'),
  connectAttempts: z.int().min(1).max(20).default(4),
});
export type Esp32Options = Readonly<z.infer<typeof esp32OptionsSchema>>;

/** What of a target decides an image's bytes. */
export type ImageForm = Pick<Esp32Options, 'format' | 'encoding' | 'nvs'> & {
  readonly passwordSlot?: PasswordSlot | undefined;
};

/** Keys beside those of the certificate; Espressif's own partition format has no place for a username and a password. */
export const imagePasswordPlaces = ({ format, nvs }: ImageForm): PasswordPlaces | undefined =>
  format === 'nvs' ? { form: nvsName, taken: [nvs.ca, nvs.certificate, nvs.privateKey] } : undefined;

const sectors = z.int().multipleOf(0x1000, 'a multiple of 4096');

/** An image made without a board: what its partition table would say stands in the target. */
export const esp32ImageSchema = z
  .strictObject({
    ...place,
    /** Only for the command in the note, where it makes the tool refuse another chip. */
    chip: z
      .string()
      .regex(/^ESP32(-[A-Z]+\d+)?$/, 'as the chip calls itself, such as ESP32-C3')
      .optional(),
    partitionSizeBytes: sectors.min(0x1000).max(0x100_0000).default(0x2000),
    /** No default: the wrong one destroys what stands there, such as `nvs` of ESP-IDF's own table. */
    partitionOffset: sectors.min(0x9000).max(0x1000_0000),
  })
  .superRefine((image, context) => {
    const message = formMistake(image);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
    if (image.format === 'nvs' && image.partitionSizeBytes < NVS_MIN_PAGES * NVS_PAGE_SIZE_BYTES) {
      const path = ['partitionSizeBytes'];
      context.addIssue({ code: 'custom', path, message: 'an NVS partition has at least three pages, 12288' });
    }
  });
export type Esp32ImageOptions = Readonly<z.infer<typeof esp32ImageSchema>>;

/** What does not go together. */
const formMistake = ({ format, nvs, encoding }: ImageForm): string | undefined =>
  format === 'nvs' && nvs.type === 'string' && encoding === 'der'
    ? 'nvs.type: DER is stored as a blob, a string would end at its first zero'
    : undefined;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export function parseEsp32Options(target: Target): Esp32Options {
  const options = readOptions(esp32OptionsSchema, target);
  const mistake = formMistake(options);
  if (mistake !== undefined) throw optionsInvalid(target, mistake);
  return options;
}
