// What a target may say about a Zephyr credential shell, and the limits of a default build (Zephyr 4.3.0 Kconfig).

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { sealSchema } from '../seal/sealOptions.ts';
import { optionsInvalid, readOptions } from '../targetOptions.ts';

export const zephyrOptionsSchema = z.strictObject({
  /** Beyond 2^31 - 1 the firmware stores a negative tag, which can hide other credentials from its own list. */
  securityTag: z.int().min(0).max(2_147_483_647).default(1),
  /** `auto` sends DER, the fewest bytes, unless a chain of two certificates needs PEM. */
  format: z.enum(['auto', 'pem', 'der']).default('auto'),
  chain: z.enum(['leaf', 'leaf+issuing']).default('leaf'),
  privateKeyEncoding: z.enum(['pkcs8', 'sec1']).default('pkcs8'),
  /** CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE; one byte less is usable. */
  credentialBufferSizeBytes: z.int().min(64).max(1_048_576).default(1_024),
  /** Fills the buffer with filler once per device, to learn whether the size above is true. */
  measureCredentialBuffer: z.boolean().default(false),
  /** CONFIG_TLS_MAX_CREDENTIALS_NUMBER; left out: the store is tried until it refuses. */
  slotCount: z.int().min(1).max(10_000).optional(),
  /** The longest command line (CONFIG_SHELL_CMD_BUFF_SIZE less one); what the device really takes is measured. */
  lineLimitBytes: z.int().min(64).max(4_095).default(255),
  /** Bytes that may be under way unechoed; the default receive ring holds 64. */
  windowBytes: z.int().min(24).max(4_096).default(60),
  /** How it is locked for good; see docs/targets/sealing.md. */
  seal: sealSchema.optional(),
});
export type ZephyrOptions = Readonly<z.infer<typeof zephyrOptionsSchema>>;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export function parseZephyrOptions(target: Target): ZephyrOptions {
  const options = readOptions(zephyrOptionsSchema, target);
  if (options.chain === 'leaf+issuing' && options.format === 'der') {
    throw optionsInvalid(target, 'format: a chain of two certificates is stored as PEM; use "auto" or "pem"');
  }
  return options;
}
