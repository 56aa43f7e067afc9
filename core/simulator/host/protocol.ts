// The lines of JSON that a simulator's process and its host exchange: commands in, events out.

import { z } from 'zod';
import { deviceOptionsSchema, faultsSchema } from '../options.ts';

export const processConfigSchema = z.strictObject({
  device: deviceOptionsSchema.prefault({}),
  /** Outside the station's data folder: it holds the device's private key. */
  statePath: z.string().min(1).optional(),
  /** A device of another family in place of a Zephyr board. */
  family: z.strictObject({ name: z.string().min(1), unit: z.int().min(1).max(65_535) }).optional(),
});

const id = z.int().min(0);

export const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({
    command: z.literal('boot'),
    id,
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    serverName: z.string().min(1).optional(),
    securityTag: z.int(),
    timeoutMs: z.int().min(1).max(600_000),
  }),
  z.strictObject({ command: z.literal('unplug'), id }),
  z.strictObject({ command: z.literal('plug'), id }),
  z.strictObject({ command: z.literal('reboot'), id }),
  z.strictObject({ command: z.literal('noise'), id, intervalMs: z.int().min(0).max(60_000) }),
  z.strictObject({
    command: z.literal('mode'),
    id,
    mode: z.enum(['shell', 'silent', 'babble', 'other-protocol']),
  }),
  z.strictObject({ command: z.literal('faults'), id, faults: faultsSchema }),
  z.strictObject({ command: z.literal('stop'), id }),
]);
export type SimulatorCommand = Readonly<z.infer<typeof commandSchema>>;

const connectResultSchema = z.discriminatedUnion('admitted', [
  z.strictObject({
    admitted: z.literal(true),
    protocol: z.string(),
    cipher: z.string(),
    serverSubject: z.string(),
    bytesRead: z.number(),
    bytesWritten: z.number(),
    durationMs: z.number(),
  }),
  z.strictObject({
    admitted: z.literal(false),
    refused: z.enum([
      'not-running',
      'credential-missing',
      'credential-unreadable',
      'credential-mismatch',
      'unreachable',
      'server-untrusted',
      'handshake-refused',
      'not-admitted',
      'timeout',
      'aborted',
    ]),
    why: z.string(),
    durationMs: z.number(),
  }),
]);

/** Answers carry the command's `id`; the others happen by themselves. */
export const eventSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('ready'), path: z.string(), hardwareId: z.string(), build: z.string() }),
  z.strictObject({ event: z.literal('failed'), code: z.string(), message: z.string() }),
  z.strictObject({ event: z.literal('done'), id }),
  z.strictObject({ event: z.literal('rejected'), id: id.optional(), message: z.string() }),
  z.strictObject({ event: z.literal('booted'), id, result: connectResultSchema }),
  z.strictObject({ event: z.literal('plugged'), id: id.optional(), path: z.string() }),
  z.strictObject({ event: z.literal('unplugged') }),
  z.strictObject({ event: z.literal('rebooting') }),
  z.strictObject({ event: z.literal('started') }),
  z.strictObject({ event: z.literal('crashed') }),
]);
export type SimulatorEvent = Readonly<z.infer<typeof eventSchema>>;
