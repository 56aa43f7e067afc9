// The fixture: bays as they stand on the bench, what is plugged in, and the run in each.

import { z } from 'zod';
import { CREDENTIAL_ITEMS } from '../../domain/credential.ts';
import { VERIFICATION_CHECKS } from '../../domain/verification.ts';
import {
  atMs,
  bayName,
  count,
  type Data,
  deviceSerial,
  failureSchema,
  line,
  outcomeSchema,
  phaseSchema,
  recordId,
  sha256,
} from './common.ts';
import { custodySchema } from './targets.ts';

/** What a bay is tied to. Never a port name: those change with every re-plugging. */
export const bindingSchema = z.strictObject({
  kind: z.enum(['usb-serial-number', 'location']),
  value: line,
});

/** Where a bay stands on the bench, counted from the back left, and what it is tied to. */
export const bayLayoutSchema = z.strictObject({
  bayName,
  row: z.int().min(0).max(7),
  column: z.int().min(0).max(7),
  binding: bindingSchema.optional(),
});

export const portSchema = z.strictObject({
  path: line,
  usbSerialNumber: line.optional(),
  location: line.optional(),
  manufacturer: line.optional(),
  product: line.optional(),
  /** Undefined: in no bay; shown, never touched. */
  bayName: bayName.optional(),
});

export const progressSchema = z.strictObject({ sentBytes: count, totalBytes: count });

export const phaseViewSchema = z.strictObject({
  phase: phaseSchema,
  startedAtMs: atMs,
  endedAtMs: atMs.optional(),
  outcome: outcomeSchema.optional(),
});

/** How strongly what stands on the device was checked. */
export const checksSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        item: z.enum(CREDENTIAL_ITEMS),
        check: z.enum(VERIFICATION_CHECKS),
      }),
    )
    .max(8),
  handshake: z
    .strictObject({
      protocol: line,
      cipher: line,
      durationMs: z.number().min(0),
      peerCertificateSha256: sha256,
    })
    .optional(),
});

export const runViewSchema = z.strictObject({
  runId: recordId,
  deviceSerial,
  hardwareId: line.optional(),
  startedAtMs: atMs,
  endedAtMs: atMs.optional(),
  phases: z.array(phaseViewSchema).max(10),
  progress: progressSchema.optional(),
  /** The operator has to switch the device off and on, and say when it runs. */
  awaitsRestart: z.boolean().optional(),
  outcome: outcomeSchema.optional(),
  failure: failureSchema.optional(),
  checks: checksSchema.optional(),
  /** Where the key was made; after a run that passed. */
  custody: custodySchema.optional(),
});

/**
 * `unbound`: tied to nothing · `empty`: nothing plugged in · `ready`: plugged in, no run yet · `running` · `stopping`
 * · `done`: the verdict stands until the next device.
 */
export const bayStateSchema = z.enum(['unbound', 'empty', 'ready', 'running', 'stopping', 'done']);

export const baySchema = z.strictObject({
  ...bayLayoutSchema.shape,
  state: bayStateSchema,
  handsFree: z.boolean(),
  port: portSchema.optional(),
  /** The run under way or, after it, the one whose verdict stands. */
  run: runViewSchema.optional(),
});

export type Binding = Data<typeof bindingSchema>;
export type BayLayout = Data<typeof bayLayoutSchema>;
export type SerialPortView = Data<typeof portSchema>;
export type Progress = Data<typeof progressSchema>;
export type PhaseView = Data<typeof phaseViewSchema>;
export type Checks = Data<typeof checksSchema>;
export type RunView = Data<typeof runViewSchema>;
export type BayState = z.infer<typeof bayStateSchema>;
export type Bay = Data<typeof baySchema>;
