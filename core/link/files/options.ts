// What a target may say about files.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { readOptions } from '../targetOptions.ts';

export const filesOptionsSchema = z.strictObject({
  formats: z
    .array(z.enum(['pem', 'der', 'pkcs12']))
    .min(1)
    .default(['pem']),
});
export type FilesOptions = Readonly<z.infer<typeof filesOptionsSchema>>;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export const parseFilesOptions = (target: Target): FilesOptions => readOptions(filesOptionsSchema, target);
