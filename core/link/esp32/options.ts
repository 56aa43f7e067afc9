// What a target may say about an ESP32 and where its firmware looks for its credential.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { optionsInvalid, readOptions } from '../targetOptions.ts';

const nvsName = z.string().regex(/^[\x21-\x7e]{1,15}$/, '1 to 15 printable characters');

export const esp32OptionsSchema = z.strictObject({
  /** `esp_secure_cert`: TLV partition of Espressif's esp_secure_cert_mgr; `nvs`: a key-value partition of its own. */
  format: z.enum(['esp_secure_cert', 'nvs']).default('esp_secure_cert'),
  /** The partition's name in the board's table; for `nvs` one that holds nothing else, because it is written whole. */
  partition: z.string().min(1).max(16).default('esp_secure_cert'),
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
  /** As the chip calls itself ("ESP32-C3"); another chip is refused. */
  chip: z.string().optional(),
  /** Only for an image that is made without a board; on a board its own table decides. */
  partitionSizeBytes: z.int().min(0x1000).max(0x100_0000).default(0x2000),
  flashBaudRate: z.int().min(9_600).max(2_000_000).default(460_800),
  reset: z.enum(['auto', 'none']).default('auto'),
  connectAttempts: z.int().min(1).max(20).default(4),
});
export type Esp32Options = Readonly<z.infer<typeof esp32OptionsSchema>>;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export function parseEsp32Options(target: Target): Esp32Options {
  const options = readOptions(esp32OptionsSchema, target);
  if (options.format === 'nvs' && options.nvs.type === 'string' && options.encoding === 'der') {
    throw optionsInvalid(target, 'nvs.type: DER is stored as a blob, a string would end at its first zero');
  }
  return options;
}
