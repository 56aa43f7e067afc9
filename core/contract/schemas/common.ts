// Small schemas that several areas of the contract share.

import { z } from 'zod';
import { DEVICE_SERIAL_MAX_LENGTH } from '../../domain/device.ts';
import { PASSWORD_ALPHABET_NAMES, PASSWORD_MAX_LENGTH } from '../../domain/password.ts';
import { type JsonObject, PHASES } from '../../domain/run.ts';
import { asStationError, ERROR_SIDES, type ErrorCode, type Side } from '../../domain/stationError.ts';
import { FILE_MAX_BASE64_LENGTH, PAGE_MAX_ROWS } from '../limits.ts';

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What a schema lets through, not to be changed. */
export type Data<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

export const nothing = z.strictObject({});
/** One line of text with something in it. */
export const line = z.string().min(1).max(200);
export const longText = z.string().max(4_000);
export const recordId = z.string().min(1).max(80);
/** What was scanned or typed; the station decides whether it is a device serial. */
export const scannedSerial = z
  .string()
  .min(1)
  .max(DEVICE_SERIAL_MAX_LENGTH * 4);
export const deviceSerial = z.string().min(1).max(DEVICE_SERIAL_MAX_LENGTH);
export const bayName = z.string().min(1).max(24);
export const personName = z.string().trim().min(1).max(60);
export const pin = z.string().regex(/^[0-9]{4,12}$/, '4 to 12 digits');
export const passphrase = z.string().min(1).max(1_024);
export const badge = z.string().min(4).max(128);
export const atMs = z.int().min(0).max(253_402_300_799_999);
export const count = z.int().min(0);
export const ratio = z.number().min(0).max(1);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const base64File = z.base64().max(FILE_MAX_BASE64_LENGTH);
/** The station decides whether such passwords are beyond guessing. */
export const passwordPolicySchema = z.strictObject({
  alphabet: z.enum(PASSWORD_ALPHABET_NAMES),
  length: z.int().min(1).max(PASSWORD_MAX_LENGTH),
});
export const roleSchema = z.enum(['operator', 'supervisor']);
export type Role = z.infer<typeof roleSchema>;

export const phaseSchema = z.enum(PHASES);
export const outcomeSchema = z.enum(['pass', 'fail', 'error', 'timeout', 'aborted']);
export const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const ERROR_CODES = Object.keys(ERROR_SIDES) as [ErrorCode, ...ErrorCode[]];
const SIDES = ['device', 'station', 'operator'] as const satisfies readonly Side[];
export const errorDetails = z.record(
  z.string().max(60),
  z.union([z.string().max(2_000), z.number(), z.boolean(), z.undefined()]),
);

/** A StationError as data. */
export const failureSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  side: z.enum(SIDES),
  details: errorDetails,
});
export type Failure = Data<typeof failureSchema>;

export const page = { offset: count, limit: z.int().min(1).max(PAGE_MAX_ROWS) };
export const period = { fromMs: atMs.optional(), toMs: atMs.optional() };

/** Whatever was thrown, as data. */
export const failureOf = (thrown: unknown): Failure => {
  const { code, side, details } = asStationError(thrown);
  return { code, side, details };
};

/** A small file handed to the interface to save. */
export const smallFile = z.strictObject({
  fileName: line,
  mediaType: line,
  base64: base64File,
});
export type SmallFile = Data<typeof smallFile>;

/** A file that the station wrote on its own disk. */
export const writtenFile = z.strictObject({
  path: z.string().min(1).max(4_096),
  sizeBytes: count,
  sha256,
  rows: count.optional(),
});

/** What the station wrote into a folder of its own, made for this. */
export const writtenFiles = z.strictObject({
  folder: z.string().min(1).max(4_096),
  files: z.array(writtenFile).max(2_000),
});
export type WrittenFiles = Data<typeof writtenFiles>;
