// What a target may say about a FreeRTOS device with the reference integrations' `pki` command.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { sealSchema } from '../seal/sealOptions.ts';
import { readOptions } from '../targetOptions.ts';

const label = z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/, 'letters, digits, _ . -');

export const freertosOptionsSchema = z.strictObject({
  labels: z.strictObject({ publicKey: label, privateKey: label, certificate: label, ca: label }).prefault({
    publicKey: 'tls_key_pub',
    privateKey: 'tls_key_priv',
    certificate: 'tls_cert',
    ca: 'root_ca_cert',
  }),
  pieceBytes: z.int().min(1).max(1_024).default(32),
  /**
   * The most that is under way unechoed: never more than the console's receive buffer, which says nothing when it overflows.
   * The reference has 512 bytes, small ports of it 128.
   */
  windowBytes: z.int().min(8).max(1_024).default(120),
  pauseMs: z.int().min(0).max(100).default(2),
  keygenMs: z.int().min(1_000).max(120_000).default(15_000),
  maxSizeBytes: z.int().min(256).max(65_536).default(2_047),
  /** How it is locked for good; see docs/targets/sealing.md. */
  seal: sealSchema.optional(),
});
export type FreertosOptions = Readonly<z.infer<typeof freertosOptionsSchema>>;

export const parseFreertosOptions = (target: Target): FreertosOptions =>
  readOptions(freertosOptionsSchema, target);
