// Who works here, and what this station is: first start, sign in, operators, conditions, settings, practice, backups.

import { z } from 'zod';
import {
  atMs,
  badge,
  base64File,
  count,
  type Data,
  errorDetails,
  line,
  passphrase,
  personName,
  pin,
  recordId,
  roleSchema,
  sha256,
} from './common.ts';

export const operatorSchema = z.strictObject({
  operatorName: personName,
  role: roleSchema,
  hasBadge: z.boolean(),
  active: z.boolean(),
  lastSignInAtMs: atMs.optional(),
});

/** `no-station`: nothing was set up yet · `signed-out`: set up, nobody at work · `signed-in`. */
export const stageSchema = z.enum(['no-station', 'signed-out', 'signed-in']);

export const lockSchema = z.strictObject({
  state: z.enum(['missing', 'locked', 'unlocked']),
  /** When it locks again by itself. */
  locksAtMs: atMs.optional(),
});

export const sessionSchema = z.strictObject({
  stage: stageSchema,
  /** Simulated devices, a throw-away inventory and authority. */
  practice: z.boolean(),
  softwareVersion: line,
  station: z.strictObject({ stationId: recordId, stationName: line, site: line }).optional(),
  operator: z.strictObject({ operatorName: personName, role: roleSchema }).optional(),
  lock: lockSchema,
  currentOrder: z.strictObject({ orderId: recordId, name: line }).optional(),
});

/** Something that is wrong or noteworthy now and is shown until it is over. `kind` picks the words. */
export const CONDITION_KINDS = [
  'disk-full',
  'disk-low',
  'storage-read-only',
  'clock-behind',
  'audit-broken',
  'port-listing-unavailable',
  'recovered',
  'backup-overdue',
  'certificate-expires-soon',
  'lists-end-soon',
  'lists-ended',
] as const;
export const conditionSchema = z.strictObject({
  kind: z.enum(CONDITION_KINDS),
  sinceMs: atMs,
  details: errorDetails,
});

/** An issuing CA that was made elsewhere: PKCS#12, or PEM with key and certificates in any order and number of files. */
export const broughtFilesSchema = z.strictObject({
  files: z.array(base64File).min(1).max(8),
  /** Left out where nothing in them is encrypted. */
  filesPassphrase: passphrase.optional(),
});
/** What the files hold; each `CN=…, O=…`. */
export const broughtAuthoritySchema = z.strictObject({
  rootSubject: z.string().max(600),
  issuingSubject: z.string().max(600),
  issuingNotAfterMs: atMs,
});

/** What a new station is made of. `import` takes an issuing CA that was made elsewhere; its key goes under `passphrase`. */
export const newAuthoritySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create'), organisation: line, passphrase }),
  z.strictObject({
    kind: z.literal('import'),
    ...broughtFilesSchema.shape,
    passphrase,
  }),
  /** An authority that already stands in the data folder. */
  z.strictObject({ kind: z.literal('existing'), passphrase }),
]);

export const newStationSchema = z.strictObject({
  stationName: line,
  site: line,
  authority: newAuthoritySchema,
  supervisor: z.strictObject({ operatorName: personName, pin }),
  targetName: line,
  profileName: line,
});

/** What to keep on paper. Never a passphrase. */
export const recoverySheetSchema = z.strictObject({
  stationId: recordId,
  stationName: line,
  site: line,
  createdAtMs: atMs,
  softwareVersion: line,
  dataFolder: z.string().max(4_096),
  backupFolder: z.string().max(4_096),
  rootSubject: z.string().max(600),
  rootSha256: sha256,
  rootNotAfterMs: atMs,
  issuingSubject: z.string().max(600),
  issuingSha256: sha256,
  issuingNotAfterMs: atMs,
  /** Files that a backup must hold, relative to the data folder. */
  filesToKeep: z.array(line).max(20),
});

export const signInSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pin'), operatorName: personName, pin }),
  z.strictObject({ kind: z.literal('badge'), badge }),
]);

export const operatorChangeSchema = z.strictObject({
  operatorName: personName,
  role: roleSchema.optional(),
  pin: pin.optional(),
  /** Null takes the badge away. */
  badge: badge.nullable().optional(),
  active: z.boolean().optional(),
});

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark', 'contrast']),
  language: z.enum(['en', 'de']),
  soundEnabled: z.boolean(),
  soundVolume: z.number().min(0).max(1),
});

export const backupSchema = z.strictObject({
  backupId: recordId,
  stationId: recordId,
  stationName: line,
  site: line,
  softwareVersion: line,
  path: z.string().max(4_096),
  createdAtMs: atMs,
  sizeBytes: count,
  devices: count,
});

export type Session = Data<typeof sessionSchema>;
export type Stage = z.infer<typeof stageSchema>;
export type Lock = Data<typeof lockSchema>;
export type Operator = Data<typeof operatorSchema>;
export type Condition = Data<typeof conditionSchema>;
export type ConditionKind = Condition['kind'];
export type NewStation = Data<typeof newStationSchema>;
export type BroughtFiles = Data<typeof broughtFilesSchema>;
export type RecoverySheet = Data<typeof recoverySheetSchema>;
export type SignIn = Data<typeof signInSchema>;
export type OperatorChange = Data<typeof operatorChangeSchema>;
export type Settings = Data<typeof settingsSchema>;
export type Backup = Data<typeof backupSchema>;
