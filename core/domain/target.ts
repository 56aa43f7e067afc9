// A device family and how to deal with it. Targets are JSON files; this schema is their definition. What only one
// driver understands stands under `options`, which that driver's own schema reads.

import { z } from 'zod';
import { describeIssues, KEY_ALGORITHMS, type KeyAlgorithm } from './profile.ts';
import { StationError } from './stationError.ts';

export const lineSettingsSchema = z.strictObject({
  baudRate: z.int().min(300).max(12_000_000).default(115_200),
  dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  flowControl: z.enum(['none', 'rts-cts', 'xon-xoff']).default('none'),
  /** Levels set right after opening. Zephyr's CHECK_DTR holds all output until DTR is asserted. */
  dtr: z.boolean().default(true),
  rts: z.boolean().default(true),
});
export type LineSettings = Readonly<z.infer<typeof lineSettingsSchema>>;

/** A file's path, a key of a store: whatever the driver writes things to. */
const place = z.string().min(1).max(128);

export const targetSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63'),
  version: z.int().min(1),
  title: z.string().min(1).max(120),
  driver: z.string().min(1),
  /** The keys that such a device can use. Left out: those that its driver can write in the form that the options name. */
  keyAlgorithms: z.array(z.enum(KEY_ALGORITHMS)).min(1).optional(),
  line: lineSettingsSchema.prefault({}),
  timeouts: z
    .strictObject({
      /** The longest silence that is still an answer in the making. */
      answerMs: z.int().min(50).max(120_000).default(3_000),
      /** A whole phase on the device. */
      phaseMs: z.int().min(1_000).max(600_000).default(60_000),
    })
    .prefault({}),
  /** Where a device of this kind keeps a username and a password; left out: nowhere. The driver knows the form of a place. */
  passwordSlot: z.strictObject({ username: place, password: place }).optional(),
  options: z.record(z.string(), z.unknown()).default({}),
});
export type Target = Readonly<z.infer<typeof targetSchema>>;
export type PasswordSlot = NonNullable<Target['passwordSlot']>;

/** Reads a target; `source` names the file in the error (`target_invalid`). */
export function parseTarget(input: unknown, source: string): Target {
  const result = targetSchema.safeParse(input);
  if (!result.success) {
    throw new StationError('target_invalid', { source, reason: describeIssues(result.error) });
  }
  return result.data;
}

/** What is asked about a target's keys. */
export interface KeyHolder {
  readonly name: string;
  readonly keyAlgorithms?: readonly KeyAlgorithm[] | undefined;
}

/** A profile whose key no such device can use is refused before anything is reserved (`key_algorithm_not_held`). */
export function requireKeyAlgorithm(target: KeyHolder, keyAlgorithm: KeyAlgorithm): void {
  const held = target.keyAlgorithms ?? KEY_ALGORITHMS;
  if (held.includes(keyAlgorithm)) return;
  throw new StationError('key_algorithm_not_held', {
    target: target.name,
    keyAlgorithm,
    held: held.join(', '),
  });
}

/** `password_not_offered` where devices of this kind have no place for a username and a password. */
export function refuseWithoutSlot(target: { readonly name: string; readonly passwordSlot?: unknown }): void {
  if (target.passwordSlot === undefined)
    throw new StationError('password_not_offered', { target: target.name });
}
