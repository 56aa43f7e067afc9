// The station's end: takes messages from one interface, lets through what the contract knows and the signed-in role may
// do, and answers with data. It trusts nothing that arrives and never puts an input into the log.

import type { z } from 'zod';
import { StationError } from '../../domain/stationError.ts';
import { EVENTS, type EventName, type StationEvent } from '../events.ts';
import { OPEN_CALLS_MAX } from '../limits.ts';
import { type Access, type Input, isMethodName, METHODS, type MethodName, type Output } from '../methods.ts';
import { failureOf, type Role } from '../schemas/common.ts';
import { type Refusal, type Request, readRequest, writeMessage } from './message.ts';
import type { Wire } from './wire.ts';

/** One function per method. `signal` fires when the interface cancelled or went away. */
export type StationMethods = {
  readonly [M in MethodName]: (
    input: Input<M>,
    context: { readonly signal: AbortSignal },
  ) => Output<M> | Promise<Output<M>>;
};

/** What a host offers to its interfaces. */
export interface StationService {
  readonly methods: StationMethods;
  /** Of whoever is signed in now; asked anew for every call. */
  role(): Role | undefined;
  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: StationEvent) => void): () => void;
}

export type ContractLog = (entry: {
  readonly kind: 'refused' | 'answer-invalid' | 'event-invalid' | 'unforeseen';
  readonly reason: string;
  readonly method?: string | undefined;
}) => void;

/** Where an input does not fit, by path and rule; never the value. */
const describe = (error: z.ZodError): string =>
  error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.') || '(all)'}: ${issue.code}`)
    .join('; ');

function assertAccess(access: Access, role: Role | undefined): void {
  if (access === 'anyone') return;
  if (role === undefined) throw new StationError('signed_out');
  if (access === 'supervisor' && role !== 'supervisor')
    throw new StationError('role_missing', { role: access });
}

/** Serves one interface over `wire` until it closes. Returns a function that ends the service and closes the wire. */
export function serveStation(wire: Wire, service: StationService, log: ContractLog): () => void {
  const open = new Map<number, AbortController>();
  let wanted: ReadonlySet<EventName> = new Set();
  let ended = false;

  const send = (message: Parameters<typeof writeMessage>[0]): void => {
    if (!ended) wire.send(writeMessage(message));
  };

  const refuse = (reason: string, id: number | undefined, method?: string): void => {
    log({ kind: 'refused', reason, method });
    if (id === undefined) send({ kind: 'refused', reason: reason.slice(0, 40) });
    else send({ kind: 'failure', id, failure: failureOf(new StationError('message_refused', { reason })) });
  };

  const answer = async (name: MethodName, input: unknown, signal: AbortSignal): Promise<unknown> => {
    const method = METHODS[name];
    assertAccess(method.access, service.role());
    const parsed = method.input.safeParse(input);
    if (!parsed.success) {
      const reason = `input: ${describe(parsed.error)}`;
      log({ kind: 'refused', reason, method: name });
      throw new StationError('message_refused', { reason });
    }
    const handler = service.methods[name] as (i: unknown, c: { signal: AbortSignal }) => unknown;
    const output = method.output.safeParse(await handler(parsed.data, { signal }));
    if (!output.success) {
      const reason = describe(output.error);
      log({ kind: 'answer-invalid', reason, method: name });
      throw new StationError('internal', { message: `${name} gave an answer outside the contract` });
    }
    return output.data;
  };

  const call = async (request: Extract<Request, { kind: 'call' }>): Promise<void> => {
    const { id, method } = request;
    if (!isMethodName(method)) return refuse('unknown-method', id, method);
    if (open.has(id)) return refuse('id-in-use', undefined, method);
    if (open.size >= OPEN_CALLS_MAX) return refuse('too-many-calls', id, method);
    const controller = new AbortController();
    open.set(id, controller);
    try {
      send({ kind: 'answer', id, output: await answer(method, request.input, controller.signal) });
    } catch (thrown) {
      if (!(thrown instanceof StationError)) {
        log({ kind: 'unforeseen', reason: thrown instanceof Error ? thrown.name : 'not an error', method });
      }
      send({ kind: 'failure', id, failure: failureOf(thrown) });
    } finally {
      open.delete(id);
    }
  };

  const unsubscribe = service.subscribe(({ event, payload }) => {
    if (ended || !wanted.has(event)) return;
    const parsed = EVENTS[event].safeParse(payload);
    if (parsed.success) send({ kind: 'event', event, payload: parsed.data });
    else log({ kind: 'event-invalid', reason: `${event}: ${describe(parsed.error)}` });
  });

  const end = (): void => {
    if (ended) return;
    ended = true;
    unsubscribe();
    for (const controller of open.values()) controller.abort();
    wire.close();
  };

  wire.onClose(end);
  wire.onMessage((data) => {
    const read = readRequest(data);
    if (!read.ok) return refuse(read.reason satisfies Refusal, read.id);
    const request = read.message;
    switch (request.kind) {
      case 'call':
        void call(request);
        return;
      case 'cancel':
        open.get(request.id)?.abort();
        return;
      case 'subscribe':
        wanted = new Set(request.events);
        return;
    }
  });
  return end;
}
