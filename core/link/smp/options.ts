// What a target may say about a device with MCUmgr.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { readOptions } from '../targetOptions.ts';

/** A file as the device names it. */
export const smpPath = z.string().regex(/^\/[\x21-\x7e]{1,126}$/, 'a path from the root');

export const smpOptionsSchema = z.strictObject({
  paths: z.strictObject({ ca: smpPath, certificate: smpPath, privateKey: smpPath }).prefault({
    ca: '/lfs1/credentials/ca.der',
    certificate: '/lfs1/credentials/crt.der',
    privateKey: '/lfs1/credentials/key.der',
  }),
  encoding: z.enum(['der', 'pem']).default('der'),
  privateKey: z.enum(['sec1', 'pkcs8']).default('sec1'),
  /** Content bytes in one packet; with its path and header it must fit the device's buffer (384 by default). */
  pieceBytes: z.int().min(16).max(4_096).default(192),
  maxSizeBytes: z.int().min(256).max(1_048_576).default(16_384),
});
export type SmpOptions = Readonly<z.infer<typeof smpOptionsSchema>>;

export const parseSmpOptions = (target: Target): SmpOptions => readOptions(smpOptionsSchema, target);
