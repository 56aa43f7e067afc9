// The table of everything that an interface may ask of a station. What is not here cannot be asked; what does not fit a
// schema is refused on both sides.

import { z } from 'zod';
import { AUTHORITY_METHODS } from './authorityMethods.ts';
import { ISSUE_METHODS } from './issueMethods.ts';
import { LONG_TIMEOUT_MS, PING_TIMEOUT_MS } from './limits.ts';
import { type Method, method } from './method.ts';
import { bayLayoutSchema, baySchema, portSchema } from './schemas/bays.ts';
import {
  badge,
  base64File,
  bayName,
  count,
  type Data,
  deviceSerial,
  line,
  nothing,
  page,
  period,
  personName,
  pin,
  recordId,
  roleSchema,
  scannedSerial,
  smallFile,
  writtenFile,
} from './schemas/common.ts';
import {
  auditPageSchema,
  auditQuerySchema,
  auditVerdictSchema,
  devicePageSchema,
  inventoryFilterSchema,
  inventoryPageSchema,
  inventoryQuerySchema,
  revocationSchema,
  transcriptLineSchema,
} from './schemas/inventory.ts';
import {
  catalogSchema,
  newOrderSchema,
  orderReportSchema,
  orderSchema,
  serialsCheckSchema,
  shiftSchema,
} from './schemas/orders.ts';
import {
  backupSchema,
  broughtAuthoritySchema,
  broughtFilesSchema,
  conditionSchema,
  newStationSchema,
  operatorChangeSchema,
  operatorSchema,
  recoverySheetSchema,
  sessionSchema,
  settingsSchema,
  signInSchema,
} from './schemas/session.ts';
import { targetAnswerSchema, targetCheckSchema, targetViewSchema } from './schemas/targets.ts';

export type { Access, Method } from './method.ts';

const inBay = z.strictObject({ bayName });
const ofOrder = z.strictObject({ orderId: recordId });

export const METHODS = {
  // What this station is, and who works at it.
  'session.get': method('anyone', nothing, sessionSchema),
  /** A sign of life: a station that does not answer this hangs. */
  'session.ping': method('anyone', nothing, nothing, PING_TIMEOUT_MS),
  /** Only while there is no station. Leaves the new supervisor signed in and the authority unlocked. */
  'session.createStation': method('anyone', newStationSchema, recoverySheetSchema, LONG_TIMEOUT_MS),
  /** Only while there is no station: whether files are a whole CA, before anything is made of them. */
  'session.checkAuthority': method('anyone', broughtFilesSchema, broughtAuthoritySchema, LONG_TIMEOUT_MS),
  /** Only while there is no station: one from a backup that was received. */
  'session.restoreStation': method(
    'anyone',
    z.strictObject({ backupId: recordId }),
    nothing,
    LONG_TIMEOUT_MS,
  ),
  'session.recoverySheet': method('supervisor', nothing, recoverySheetSchema),
  /** Names only, for the sign-in screen. */
  'session.operatorNames': method('anyone', nothing, z.array(personName).max(500)),
  'session.signIn': method('anyone', signInSchema, sessionSchema),
  'session.signOut': method('operator', nothing, sessionSchema),
  'session.conditions': method('anyone', nothing, z.array(conditionSchema).max(40)),
  /** `recovered` and the like go away when they were read. */
  'session.dismissCondition': method('operator', conditionSchema.pick({ kind: true }).strict(), nothing),
  /** The host starts again with a throw-away data folder and simulated devices. */
  'practice.enter': method('anyone', nothing, sessionSchema, LONG_TIMEOUT_MS),
  'practice.leave': method('anyone', nothing, sessionSchema, LONG_TIMEOUT_MS),

  'operators.list': method('supervisor', nothing, z.array(operatorSchema).max(500)),
  'operators.create': method(
    'supervisor',
    z.strictObject({ operatorName: personName, role: roleSchema, pin, badge: badge.optional() }),
    operatorSchema,
  ),
  'operators.change': method('supervisor', operatorChangeSchema, operatorSchema),

  // The bench.
  'bays.list': method('operator', nothing, z.array(baySchema).max(64)),
  'bays.ports': method('operator', nothing, z.array(portSchema).max(256)),
  'bays.saveLayout': method(
    'supervisor',
    z.strictObject({ bays: z.array(bayLayoutSchema).max(64) }),
    nothing,
  ),
  /** `replace`: a credential that stands on the device may be overwritten; the old one is revoked. */
  'bays.start': method(
    'operator',
    z.strictObject({ bayName, deviceSerial: scannedSerial, replace: z.boolean() }),
    z.strictObject({ runId: recordId }),
  ),
  /** The same device serial again, as a new run. */
  'bays.retry': method(
    'operator',
    z.strictObject({ bayName, replace: z.boolean() }),
    z.strictObject({ runId: recordId }),
  ),
  'bays.stop': method('operator', inBay, nothing),
  'bays.stopAll': method('operator', nothing, nothing),
  /** The device was switched off and on, and runs. */
  'bays.confirmRestart': method('operator', inBay, nothing),
  /** Plug in: it starts; unplug: it is ready for the next. */
  'bays.setHandsFree': method('operator', z.strictObject({ bayName, enabled: z.boolean() }), nothing),

  // Work orders.
  'catalog.get': method('anyone', nothing, catalogSchema),
  'orders.list': method('operator', nothing, z.array(orderSchema).max(2_000)),
  'orders.checkSerials': method('operator', z.strictObject({ file: base64File }), serialsCheckSchema),
  /** Refuses a list with any problem (`file_invalid`). The first order becomes the current one. */
  'orders.create': method('operator', newOrderSchema, orderSchema),
  'orders.select': method('operator', ofOrder, orderSchema),
  'orders.report': method('operator', ofOrder, orderReportSchema),
  'orders.close': method('operator', ofOrder, orderReportSchema),
  'shift.get': method(
    'operator',
    z.strictObject({ fromMs: period.fromMs.unwrap(), toMs: period.toMs.unwrap() }),
    shiftSchema,
  ),

  // The kinds of devices; those there are stand in the catalogue.
  'targets.check': method('supervisor', z.strictObject({ file: base64File }), targetCheckSchema),
  /** Kept as the station's own; one of the same name is replaced. */
  'targets.import': method('supervisor', z.strictObject({ file: base64File }), targetViewSchema),
  /** Asks who is there and what it can do; writes nothing. */
  'targets.try': method(
    'supervisor',
    z.strictObject({ targetName: line, portPath: line }),
    targetAnswerSchema,
    LONG_TIMEOUT_MS,
  ),

  // The records.
  'inventory.query': method('operator', inventoryQuerySchema, inventoryPageSchema),
  'inventory.device': method('operator', z.strictObject({ deviceSerial }), devicePageSchema),
  'inventory.transcript': method(
    'operator',
    /** `search`: only the lines that hold this text, upper and lower case alike. */
    z.strictObject({ runId: recordId, search: z.string().max(200).optional(), ...page }),
    z.strictObject({ total: count, lines: z.array(transcriptLineSchema).max(500) }),
  ),
  /** The whole transcript as a text file. */
  'inventory.transcriptFile': method('operator', z.strictObject({ runId: recordId }), smallFile),
  'inventory.export': method(
    'supervisor',
    z.strictObject({ filter: inventoryFilterSchema, format: z.enum(['csv', 'json']) }),
    writtenFile,
    LONG_TIMEOUT_MS,
  ),
  'inventory.revoke': method('supervisor', revocationSchema, nothing),
  'audit.page': method('operator', auditQuerySchema, auditPageSchema),
  'audit.verify': method('operator', nothing, auditVerdictSchema, LONG_TIMEOUT_MS),

  ...AUTHORITY_METHODS,
  ...ISSUE_METHODS,

  // The house.
  'settings.get': method('anyone', nothing, settingsSchema),
  /** Language and theme may be chosen before anybody signed in. */
  'settings.save': method('anyone', settingsSchema, settingsSchema),
  'backup.list': method('supervisor', nothing, z.array(backupSchema).max(500)),
  'backup.create': method('supervisor', nothing, backupSchema, LONG_TIMEOUT_MS),
  /**
   * A backup file from elsewhere, piece by piece in order; after the last it is checked and one of the station's own. Takes a
   * supervisor, or a computer without a station.
   */
  'backup.receive': method(
    'anyone',
    z.strictObject({ offset: count, base64: base64File, last: z.boolean() }),
    z.strictObject({ sizeBytes: count, backup: backupSchema.optional() }),
    LONG_TIMEOUT_MS,
  ),
  /** The host starts again with the restored station; what it replaces is kept beside it. */
  'backup.restore': method('supervisor', z.strictObject({ backupId: recordId }), nothing, LONG_TIMEOUT_MS),
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof METHODS;

export type Input<M extends MethodName> = Data<(typeof METHODS)[M]['input']>;
export type Output<M extends MethodName> = Data<(typeof METHODS)[M]['output']>;

export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];
export const isMethodName = (name: string): name is MethodName => Object.hasOwn(METHODS, name);
