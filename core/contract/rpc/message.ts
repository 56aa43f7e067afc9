// The messages on the wire: JSON text, so that one length bounds them, nothing but data can be in them, and a
// MessagePort and a WebSocket carry the same. Reading one never throws: it is a message or a reason.

import { z } from 'zod';
import { EVENT_NAMES, type EventName } from '../events.ts';
import { CONTRACT_VERSION, MESSAGE_MAX_LENGTH } from '../limits.ts';
import { failureSchema } from '../schemas/common.ts';

const version = z.literal(CONTRACT_VERSION);
const id = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const methodName = z.string().min(1).max(60);
const eventName = z.enum(EVENT_NAMES as readonly [EventName, ...EventName[]]);

/** From an interface to the station. */
export const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ version, kind: z.literal('call'), id, method: methodName, input: z.unknown() }),
  z.strictObject({ version, kind: z.literal('cancel'), id }),
  /** Replaces what was subscribed before. */
  z.strictObject({
    version,
    kind: z.literal('subscribe'),
    events: z.array(eventName).max(EVENT_NAMES.length),
  }),
]);

/** From the station to an interface. */
export const replySchema = z.discriminatedUnion('kind', [
  z.strictObject({ version, kind: z.literal('answer'), id, output: z.unknown() }),
  z.strictObject({ version, kind: z.literal('failure'), id, failure: failureSchema }),
  z.strictObject({ version, kind: z.literal('event'), event: eventName, payload: z.unknown() }),
  /** A message that could not even be answered. */
  z.strictObject({ version, kind: z.literal('refused'), reason: z.string().max(40) }),
]);

export type Request = z.infer<typeof requestSchema>;
export type Reply = z.infer<typeof replySchema>;

export type Refusal = 'not-text' | 'too-large' | 'not-json' | 'wrong-version' | 'malformed';
export type Read<T> =
  | { readonly ok: true; readonly message: T }
  /** `id` is known where the message was a call that can be answered with the refusal. */
  | { readonly ok: false; readonly reason: Refusal; readonly id: number | undefined };

const idOf = (value: object): number | undefined => {
  const result = id.safeParse('id' in value ? value.id : undefined);
  return result.success ? result.data : undefined;
};

function read<T>(schema: z.ZodType<T>, data: unknown): Read<T> {
  const refuse = (reason: Refusal, requestId?: number): Read<T> => ({ ok: false, reason, id: requestId });
  if (typeof data !== 'string') return refuse('not-text');
  if (data.length > MESSAGE_MAX_LENGTH) return refuse('too-large');
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return refuse('not-json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('malformed');
  if (!('version' in value) || value.version !== CONTRACT_VERSION)
    return refuse('wrong-version', idOf(value));
  const result = schema.safeParse(value);
  return result.success ? { ok: true, message: result.data } : refuse('malformed', idOf(value));
}

export const readRequest = (data: unknown): Read<Request> => read(requestSchema, data);
export const readReply = (data: unknown): Read<Reply> => read(replySchema, data);

type WithoutVersion<T> = T extends unknown ? Omit<T, 'version'> : never;

export const writeMessage = (message: WithoutVersion<Request> | WithoutVersion<Reply>): string =>
  JSON.stringify({ version: CONTRACT_VERSION, ...message });
