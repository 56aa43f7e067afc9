// What a target may say about a MicroPython (or CircuitPython) board.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { readOptions } from '../targetOptions.ts';

/** Printable and free of quotes and backslashes: it stands inside a Python string. */
export const micropythonPath = z
  .string()
  .regex(/^[\x20-\x7e]{1,128}$/)
  .refine((text) => !/['"\\]/.test(text), 'no quotes or backslashes');

export const micropythonOptionsSchema = z.strictObject({
  paths: z
    .strictObject({ ca: micropythonPath, certificate: micropythonPath, privateKey: micropythonPath })
    .prefault({ ca: '/ca.der', certificate: '/cert.der', privateKey: '/key.der' }),
  /** Its `ssl` takes DER everywhere and PEM on newer ports only. */
  encoding: z.enum(['der', 'pem']).default('der'),
  privateKey: z.enum(['sec1', 'pkcs8']).default('sec1'),
  maxSizeBytes: z.int().min(256).max(1_048_576).default(16_384),
});
export type MicropythonOptions = Readonly<z.infer<typeof micropythonOptionsSchema>>;

export const parseMicropythonOptions = (target: Target): MicropythonOptions =>
  readOptions(micropythonOptionsSchema, target);
