// How a device is locked for good, as data in its target: there is no universal command, every board's firmware has its own.

import { z } from 'zod';
import { isPattern } from '../pattern.ts';

const command = z.string().regex(/^[\x20-\x7e]{1,200}$/, '1 to 200 printable characters');
const pattern = z.string().min(1).max(200).refine(isPattern, 'a regular expression');

export const sealSchema = z.strictObject({
  /** What becomes irreversible; the operator confirms these words. */
  warning: z.string().min(10).max(400),
  /** Sent one after the other; each must be answered with a line that fits `done`. */
  commands: z
    .array(z.strictObject({ command, done: pattern }))
    .min(1)
    .max(8),
  /** Asked before and after: exactly one of the two must fit a line of the answer. */
  state: z.strictObject({ command, locked: pattern, unlocked: pattern }),
});
export type SealOptions = Readonly<z.infer<typeof sealSchema>>;
