// Credentials that are issued without a bay, as an interface asks for them and is told of them.

import { z } from 'zod';
import { REVOCATION_REASONS } from '../../domain/credential.ts';
import {
  atMs,
  base64File,
  count,
  type Data,
  deviceSerial,
  failureSchema,
  line,
  passphrase,
  passwordPolicySchema,
  recordId,
  scannedSerial,
  writtenFiles,
} from './common.ts';

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

export const requestToIssueSchema = z.strictObject({
  deviceSerial: scannedSerial,
  /** PKCS#10, PEM or DER. */
  request: base64File,
  profileName: line,
  /** What kind of device, where it is new. */
  targetName: line,
});
export const issuedForRequestSchema = writtenFiles.extend({ certificateSerial: line });

export const newSshHostSchema = z.strictObject({
  deviceSerial: scannedSerial,
  /** The board's `….pub`; the certificate is named after it. */
  publicKey: base64File,
  fileName: line,
  /** Names and addresses by which it is reached. */
  names: z.array(z.string().trim().min(1).max(253)).min(1).max(20),
  validityDays: z.int().min(1).max(36_500),
  /** The hosts that clients trust by the line for known_hosts. */
  hosts: z.string().trim().min(1).max(253),
});
export const issuedSshHostSchema = writtenFiles.extend({ notAfterMs: atMs });

/** So many are shown, for labels; more of them go into a file. */
export const LABELS_SHOWN = 200;
export const newPasswordsSchema = z.strictObject({
  /** One for each device serial of this order. */
  orderId: recordId.optional(),
  usernames: z.array(line).max(LABELS_SHOWN).optional(),
  ...passwordPolicySchema.shape,
});
export const madePasswordsSchema = z.strictObject({
  made: count,
  labels: z.array(z.strictObject({ username: line, password: line })).max(LABELS_SHOWN),
  /** Instead of the labels: a file for the label printer, readable by its owner only. */
  written: writtenFiles.optional(),
});

/** Device serials of an order that lists none: the prefix, and a number from 1 with so many digits. */
export const numberingSchema = z.strictObject({
  prefix: z.string().max(60),
  digits: z.int().min(1).max(12),
});
/** `count`: how many in all, earlier attempts included; the order's quantity where it is not given. */
export const newBatchSchema = z.strictObject({
  orderId: recordId,
  count: z.int().min(1).max(1_000_000).optional(),
  numbering: numberingSchema.optional(),
});
export const batchSchema = z.strictObject({
  orderId: recordId,
  orderName: line,
  /** `stopping`: the block in work is still recorded · `stopped`: goes on when it is started again. */
  state: z.enum(['running', 'stopping', 'stopped', 'full']),
  issuedCount: count,
  count: z.int().min(1),
  devicesPerSecond: z.number().min(0).optional(),
  numbering: numberingSchema.optional(),
  /** One line of JSON per device, private keys included. */
  path: z.string().min(1).max(4_096),
  sizeBytes: count,
  /** Why it stopped by itself. */
  failure: failureSchema.optional(),
});

export const newFolderWorkSchema = z.strictObject({
  orderId: recordId,
  /** Absolute, on the station's computer; each device gets a folder of its own in it. */
  folder: z.string().min(1).max(4_096),
  /** For an order that lists no device serials. */
  numbering: numberingSchema.optional(),
  /** Protects PKCS#12 files, where the target writes them. */
  passphrase: passphrase.optional(),
});
export const folderWorkSchema = z.strictObject({
  orderId: recordId,
  orderName: line,
  folder: z.string().min(1).max(4_096),
  /** `stopping`: the device in work is still finished · `stopped`: goes on when it is started again. */
  state: z.enum(['running', 'stopping', 'stopped', 'full']),
  /** Of the order, earlier attempts included. */
  passed: count,
  quantity: z.int().min(1),
  /** Of this attempt; they are passed over. */
  failed: count,
  /** In work. */
  deviceSerial: deviceSerial.optional(),
  devicesPerSecond: z.number().min(0).optional(),
  /** The newest failure, and of which device; without one the station's own. */
  failure: failureSchema.optional(),
  failedSerial: deviceSerial.optional(),
});

export type Batch = Data<typeof batchSchema>;
export type NewFolderWork = Data<typeof newFolderWorkSchema>;
export type FolderWork = Data<typeof folderWorkSchema>;
export type Renewed = Data<typeof renewedSchema>;
export type MadePasswords = Data<typeof madePasswordsSchema>;
