// What one line of the table of methods says.

import type { z } from 'zod';
import { DEFAULT_TIMEOUT_MS } from './limits.ts';

/** Who may call: `anyone` even before signing in; `operator` includes the supervisor. */
export type Access = 'anyone' | 'operator' | 'supervisor';

export interface Method {
  readonly access: Access;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** How long an interface waits for the answer. */
  readonly timeoutMs: number;
}

export const method = <I extends z.ZodType, O extends z.ZodType>(
  access: Access,
  input: I,
  output: O,
  timeoutMs = DEFAULT_TIMEOUT_MS,
) => ({ access, input, output, timeoutMs }) as const;
