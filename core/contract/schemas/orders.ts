// Work orders, the catalogue they choose from, and the figures of a shift.

import { z } from 'zod';
import { KEY_ALGORITHMS } from '../../domain/profile.ts';
import {
  atMs,
  base64File,
  bayName,
  count,
  type Data,
  deviceSerial,
  failureSchema,
  line,
  passwordPolicySchema,
  phaseSchema,
  ratio,
  recordId,
} from './common.ts';
import { targetViewSchema } from './targets.ts';

export const profileViewSchema = z.strictObject({
  name: line,
  version: z.int(),
  description: z.string().max(400),
  keyAlgorithm: z.enum(KEY_ALGORITHMS),
  /** Undefined: no well-defined expiration. */
  validityDays: z.int().optional(),
  keyCustody: z.enum(['any', 'on-device']),
});

export const catalogSchema = z.strictObject({
  targets: z.array(targetViewSchema).max(200),
  profiles: z.array(profileViewSchema).max(200),
});

export const orderProgressSchema = z.strictObject({
  passed: count,
  /** Devices whose last run did not pass. */
  failed: count,
  remaining: count,
  runs: count,
  /** Devices passed ÷ devices tried; undefined before the first run closed. */
  yield: ratio.optional(),
  firstPassYield: ratio.optional(),
});

export const orderSchema = z.strictObject({
  orderId: recordId,
  name: line,
  targetName: line,
  profileName: line,
  quantity: z.int().min(1),
  /** How many device serials the order names; 0: any serial is taken. */
  listedSerials: count,
  /** Each device is checked again after a restart. */
  checkReboot: z.boolean(),
  /** Each device is locked at the end, for good. */
  seal: z.boolean(),
  /** How the password of each device is made; undefined: certificates alone. */
  passwordPolicy: passwordPolicySchema.optional(),
  createdAtMs: atMs,
  closedAtMs: atMs.optional(),
  current: z.boolean(),
  progress: orderProgressSchema,
});

export const newOrderSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  targetName: line,
  profileName: line,
  /** Needed when no list is given; with a list it is the list's length. */
  quantity: z.int().min(1).max(1_000_000).optional(),
  serialsFile: base64File.optional(),
  checkReboot: z.boolean().optional(),
  /** Each device gets a username and a password, too; `password_not_offered` where the target has no place for them. */
  passwordPolicy: passwordPolicySchema.optional(),
  /** Takes a supervisor, who repeats the order's name: sealing cannot be undone. */
  sealConfirmedFor: z.string().trim().max(80).optional(),
});

/** What is wrong with one row of a list of serials; the row counts from 1 as a spreadsheet shows it. */
export const rowProblemSchema = z.strictObject({
  row: z.int().min(1),
  value: z.string().max(200),
  problem: z.enum(['empty', 'too-long', 'alphabet', 'duplicate', 'case-conflict', 'other-order', 'columns']),
  /** For a duplicate or a case conflict: the row it collides with. */
  otherRow: z.int().optional(),
});

export const serialsCheckSchema = z.strictObject({
  rows: count,
  accepted: count,
  problemCount: count,
  /** The first 200. */
  problems: z.array(rowProblemSchema).max(200),
  sample: z.array(deviceSerial).max(5),
});

export const orderReportSchema = z.strictObject({
  order: orderSchema,
  stationName: line,
  site: line,
  madeAtMs: atMs,
  firstRunAtMs: atMs.optional(),
  lastRunAtMs: atMs.optional(),
  medianRunSeconds: z.number().min(0).optional(),
  failures: z.array(z.strictObject({ code: failureSchema.shape.code, count })).max(100),
  /** The first 1,000 serials without a passed run. */
  openSerials: z.array(deviceSerial).max(1_000),
});

export const shiftSchema = z.strictObject({
  fromMs: atMs,
  toMs: atMs,
  runs: count,
  passed: count,
  yield: ratio.optional(),
  firstPassYield: ratio.optional(),
  unitsPerHour: z.number().min(0).optional(),
  medianRunSeconds: z.number().min(0).optional(),
  buckets: z.array(z.strictObject({ startMs: atMs, passed: count, failed: count })).max(400),
  phases: z
    .array(
      z.strictObject({
        phase: phaseSchema,
        medianSeconds: z.number().min(0),
        slowestSeconds: z.number().min(0),
      }),
    )
    .max(10),
  bays: z.array(z.strictObject({ bayName, runs: count, failed: count })).max(64),
  failures: z.array(z.strictObject({ code: failureSchema.shape.code, count })).max(100),
});

export type ProfileView = Data<typeof profileViewSchema>;
export type Catalog = Data<typeof catalogSchema>;
export type Order = Data<typeof orderSchema>;
export type NewOrder = Data<typeof newOrderSchema>;
export type SerialsCheck = Data<typeof serialsCheckSchema>;
export type RowProblem = Data<typeof rowProblemSchema>;
export type OrderReport = Data<typeof orderReportSchema>;
export type Shift = Data<typeof shiftSchema>;
