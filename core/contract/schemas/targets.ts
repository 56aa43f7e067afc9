// The kinds of devices: what each can promise, a file for another one, and who answers on a port.

import { z } from 'zod';
import { CREDENTIAL_ITEMS } from '../../domain/credential.ts';
import { KEY_ALGORITHMS } from '../../domain/profile.ts';
import { VERIFICATION_CHECKS } from '../../domain/verification.ts';
import { count, type Data, jsonObject, line } from './common.ts';

export const custodySchema = z.enum(['on-device', 'station-memory', 'file']);

export const targetViewSchema = z.strictObject({
  name: line,
  version: z.int(),
  title: line,
  driver: line,
  baudRate: z.int(),
  /** Brought to this station; not shipped with it. */
  own: z.boolean(),
  /** Where its key may be made, best first. */
  custody: z.array(custodySchema).max(3),
  certificates: z.enum(VERIFICATION_CHECKS),
  key: z.enum(VERIFICATION_CHECKS),
  /** Whether a device of this kind has a place for a username and a password. */
  holdsPassword: z.boolean(),
  /** The keys that such a device can use. */
  keyAlgorithms: z.array(z.enum(KEY_ALGORITHMS)).max(KEY_ALGORITHMS.length),
  /** The files that are written for each device, private key included; undefined where there is a port. */
  fileFormats: z
    .array(z.enum(['pem', 'der', 'pkcs12', 'esp32-image']))
    .max(8)
    .optional(),
  /** What becomes irreversible when a device of this kind is sealed; undefined where none can be. */
  sealWarning: z.string().max(400).optional(),
});

export const targetMistakeSchema = z.strictObject({
  line: z.int().min(1),
  field: z.string().max(200),
  reason: z.string().max(400),
});

export const targetCheckSchema = z.strictObject({
  target: targetViewSchema.optional(),
  mistakes: z.array(targetMistakeSchema).max(100),
});

/** Who answered; nothing was written to it. */
export const targetAnswerSchema = z.strictObject({
  hardwareId: line.optional(),
  hardwareIdSource: z.enum(['silicon', 'usb-serial-number', 'none']),
  firmware: line.optional(),
  custody: z.array(custodySchema).max(3),
  /** What already stands in its slot. */
  occupied: z.array(z.enum(CREDENTIAL_ITEMS)).max(8),
  capabilities: jsonObject,
  durationMs: count,
});

export type TargetView = Data<typeof targetViewSchema>;
export type TargetMistake = Data<typeof targetMistakeSchema>;
export type TargetCheckView = Data<typeof targetCheckSchema>;
export type TargetAnswer = Data<typeof targetAnswerSchema>;
