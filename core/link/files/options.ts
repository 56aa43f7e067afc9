// What a target may say about files.

import { z } from 'zod';
import { describeIssues } from '../../domain/profile.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Target } from '../../domain/target.ts';

export const filesOptionsSchema = z.strictObject({
  formats: z
    .array(z.enum(['pem', 'der', 'pkcs12']))
    .min(1)
    .default(['pem']),
});
export type FilesOptions = Readonly<z.infer<typeof filesOptionsSchema>>;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export function parseFilesOptions(target: Target): FilesOptions {
  const result = filesOptionsSchema.safeParse(target.options);
  if (result.success) return result.data;
  throw new StationError('target_invalid', {
    source: target.name,
    reason: `options.${describeIssues(result.error)}`,
  });
}
