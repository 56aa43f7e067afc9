// Credentials that are issued without a bay, as an interface asks for them and is told of them.

import { z } from 'zod';
import { REVOCATION_REASONS } from '../../domain/credential.ts';
import { PASSWORD_ALPHABET_NAMES } from '../../domain/password.ts';
import { base64File, count, type Data, deviceSerial, line, recordId, writtenFiles } from './common.ts';

export const renewalSchema = z.strictObject({
  deviceSerial,
  reason: z.enum(REVOCATION_REASONS).optional(),
  /** A PKCS#10 request by the device's own key; without it a key is made here. */
  request: base64File.optional(),
});
export const renewedSchema = writtenFiles.extend({
  certificateSerial: line,
  /** The serial of the credential before, where one was live. */
  replaced: line.optional(),
});

/** So many are shown, for labels; more of them go into a file. */
export const LABELS_SHOWN = 200;
export const newPasswordsSchema = z.strictObject({
  /** One for each device serial of this order. */
  orderId: recordId.optional(),
  usernames: z.array(line).max(LABELS_SHOWN).optional(),
  alphabet: z.enum(PASSWORD_ALPHABET_NAMES),
  length: z.int().min(1).max(128),
});
export const madePasswordsSchema = z.strictObject({
  made: count,
  labels: z.array(z.strictObject({ username: line, password: line })).max(LABELS_SHOWN),
  /** Instead of the labels: a file for the label printer, readable by its owner only. */
  written: writtenFiles.optional(),
});

export type Renewed = Data<typeof renewedSchema>;
export type MadePasswords = Data<typeof madePasswordsSchema>;
