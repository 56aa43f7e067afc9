// What a target may say about an nRF91 modem.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { terminatorSchema } from '../at/terminator.ts';
import { sealSchema } from '../seal/sealOptions.ts';
import { readOptions } from '../targetOptions.ts';

export const nrf91OptionsSchema = z.strictObject({
  /** 2147483648 and up are tags whose TLS traffic can be decrypted: never in production. */
  securityTag: z.int().min(0).max(2_147_483_647).default(16_842_753),
  /** at_host takes bare AT commands, the AT shell takes them after `at`. */
  frontEnd: z.enum(['auto', 'at-host', 'at-shell']).default('auto'),
  terminator: terminatorSchema.prefault('crlf'),
  /** Line ends inside the PEM. `auto`: LF from modem firmware 2.0.2 on, CRLF before and through the AT shell. */
  pemLineEnd: z.enum(['auto', 'lf', 'crlf']).default('auto'),
  /** The longest command of at_host, its NUL included. */
  commandSizeBytes: z.int().min(256).max(65_536).default(4_096),
  /** The longest line of the Zephyr shell (CONFIG_SHELL_CMD_BUFF_SIZE less one). */
  shellLineLimitBytes: z.int().min(64).max(65_536).default(255),
  /** How long the modem may take over KEYGEN. */
  keygenMs: z.int().min(1_000).max(120_000).default(30_000),
  /** Bring the modem back to the functional mode it was found in. */
  restoreMode: z.boolean().default(true),
  /** How it is locked for good; see docs/targets/sealing.md. */
  seal: sealSchema.optional(),
});

export type Nrf91Options = Readonly<z.infer<typeof nrf91OptionsSchema>>;

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export const parseNrf91Options = (target: Target): Nrf91Options => readOptions(nrf91OptionsSchema, target);
