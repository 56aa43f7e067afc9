// What a target may say about files.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import type { PasswordPlaces } from '../driver.ts';
import { esp32ImageSchema, imagePasswordPlaces } from '../esp32/options.ts';
import { readOptions } from '../targetOptions.ts';
import { FILE_NAMES } from './fileNames.ts';

export const filesOptionsSchema = z
  .strictObject({
    formats: z
      .array(z.enum(['pem', 'der', 'pkcs12', 'esp32-image']))
      .min(1)
      .default(['pem']),
    /** The partition that `esp32-image` is the content of. */
    esp32Image: esp32ImageSchema.optional(),
  })
  .superRefine(({ formats, esp32Image }, context) => {
    if (formats.includes('esp32-image') === (esp32Image !== undefined)) return;
    const message = 'goes with the format esp32-image, and that format needs it';
    context.addIssue({ code: 'custom', path: ['esp32Image'], message });
  });
export type FilesOptions = Readonly<z.infer<typeof filesOptionsSchema>>;

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a file’s name');

/** Names of files beside those of the certificate; in a partition's image, keys beside its keys. */
export function filesPasswordPlaces({ formats, esp32Image }: FilesOptions): PasswordPlaces | undefined {
  if (esp32Image === undefined) return { form: fileName, taken: Object.keys(FILE_NAMES) };
  return formats.length === 1 ? imagePasswordPlaces(esp32Image) : undefined;
}

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export const parseFilesOptions = (target: Target): FilesOptions => readOptions(filesOptionsSchema, target);
