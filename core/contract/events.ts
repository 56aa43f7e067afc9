// What a station tells its interfaces unasked. An event says what is now so; a missed one is made good by asking again.

import { z } from 'zod';
import { baySchema, portSchema, progressSchema } from './schemas/bays.ts';
import {
  bayName,
  count,
  type Data,
  failureSchema,
  nothing,
  outcomeSchema,
  phaseSchema,
  recordId,
} from './schemas/common.ts';
import { batchSchema, folderWorkSchema } from './schemas/issuing.ts';
import { orderSchema } from './schemas/orders.ts';
import { conditionSchema, sessionSchema, settingsSchema } from './schemas/session.ts';

export const EVENTS = {
  /** Sign in and out, authority locked or unlocked, current order, practice. */
  'session.changed': sessionSchema,
  /** Anything about one bay but the bytes sent. */
  'bay.changed': baySchema,
  /** Often, while something is sent. */
  'bay.progress': z.strictObject({ bayName, runId: recordId, phase: phaseSchema, progress: progressSchema }),
  /** Once per run, at its end: what the sound is played on. */
  'bay.verdict': z.strictObject({
    bayName,
    runId: recordId,
    outcome: outcomeSchema,
    failure: failureSchema.optional(),
  }),
  /** The layout was changed: ask for the bays again. */
  'bays.layoutChanged': nothing,
  'ports.changed': z.array(portSchema).max(256),
  'order.changed': orderSchema,
  /** Begun, a block further, stopped, full. */
  'batch.changed': batchSchema,
  /** Begun, a device further, stopped, full. */
  'folder.changed': folderWorkSchema,
  'conditions.changed': z.array(conditionSchema).max(40),
  /** Records were added or changed: lists that show them may be stale. */
  'inventory.changed': nothing,
  'settings.changed': settingsSchema,
  /** Sent first by a station that came back after its process had died. */
  'station.restarted': z.strictObject({ runsClosed: count, credentialsDecided: count }),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventPayload<E extends EventName> = Data<(typeof EVENTS)[E]>;
export type StationEvent = {
  [E in EventName]: { readonly event: E; readonly payload: EventPayload<E> };
}[EventName];

export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];
