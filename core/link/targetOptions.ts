// Reading a driver's part of a target. Every driver has its own schema; what is wrong is said in the same way.

import type { z } from 'zod';
import { describeIssues } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';

/** `target_invalid`, with what is wrong in the target's options. */
export const optionsInvalid = (target: Target, reason: string): StationError =>
  new StationError('target_invalid', { source: target.name, reason: `options.${reason}` });

/** The options as the schema reads them; the error names the field (`target_invalid`). */
export function readOptions<Schema extends z.ZodType>(schema: Schema, target: Target): z.output<Schema> {
  const result = schema.safeParse(target.options);
  if (result.success) return result.data;
  throw optionsInvalid(target, describeIssues(result.error));
}
