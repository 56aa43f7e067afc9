// The optional last phases of a run in the window: what a target says about its lock.

import { z } from 'zod';
import type { Target } from '../domain/target.ts';

const lockSchema = z.object({ warning: z.string().min(1).max(400) });

/** What becomes irreversible; undefined where a device of this kind cannot be sealed. */
export function sealWarningOf(target: Target): string | undefined {
  const parsed = lockSchema.safeParse(target.options.seal);
  return parsed.success ? parsed.data.warning : undefined;
}
