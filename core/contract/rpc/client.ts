// The interface's end: typed calls with a timeout and a signal, and typed events. What the station answers is checked
// against the contract as strictly as what it is asked.

import { StationError } from '../../domain/stationError.ts';
import { EVENTS, type EventName, type EventPayload } from '../events.ts';
import { type Input, METHODS, type MethodName, type Output } from '../methods.ts';
import { type Reply, readReply, writeMessage } from './message.ts';
import type { Wire } from './wire.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the method's own. */
  readonly timeoutMs?: number;
}

export interface StationClient {
  /**
   * Throws the station's own StationError, or `message_refused` (it does not fit the contract), `station_silent` (no
   * answer in time), `station_gone` (the connection closed), `interrupted` (the signal fired).
   */
  call<M extends MethodName>(method: M, input: Input<M>, options?: CallOptions): Promise<Output<M>>;
  /** Calls `listener` for each event of that name until the returned function is called. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  onClose(listener: () => void): void;
  close(): void;
}

interface OpenCall {
  readonly method: MethodName;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StationError) => void;
}

export function connectStation(
  wire: Wire,
  log: (reason: string) => void,
  timers: {
    setTimeout(run: () => void, ms: number): unknown;
    clearTimeout(handle: never): void;
  } = globalThis,
): StationClient {
  const open = new Map<number, OpenCall>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  let nextId = 1;
  let closed = false;

  const settle = (id: number): OpenCall | undefined => {
    const call = open.get(id);
    open.delete(id);
    return call;
  };

  const answered = (id: number, output: unknown): void => {
    const call = settle(id);
    if (call === undefined) return; // It was cancelled or came too late.
    const parsed = METHODS[call.method].output.safeParse(output);
    if (parsed.success) {
      call.resolve(parsed.data);
    } else {
      log(`the answer to ${call.method} does not fit the contract`);
      call.reject(new StationError('message_refused', { reason: `answer to ${call.method}` }));
    }
  };

  const happened = (event: EventName, payload: unknown): void => {
    const parsed = EVENTS[event].safeParse(payload);
    if (!parsed.success) log(`the event ${event} does not fit the contract`);
    else for (const listener of listeners.get(event) ?? []) listener(parsed.data as never);
  };

  const receive = (reply: Reply): void => {
    switch (reply.kind) {
      case 'answer':
        answered(reply.id, reply.output);
        return;
      case 'failure':
        settle(reply.id)?.reject(new StationError(reply.failure.code, reply.failure.details));
        return;
      case 'event':
        happened(reply.event, reply.payload);
        return;
      case 'refused':
        log(`the station refused a message: ${reply.reason}`);
        return;
    }
  };

  wire.onMessage((data) => {
    const read = readReply(data);
    if (read.ok) {
      receive(read.message);
      return;
    }
    log(`a message from the station was refused: ${read.reason}`);
    if (read.id !== undefined) {
      settle(read.id)?.reject(new StationError('message_refused', { reason: read.reason }));
    }
  });
  wire.onClose(() => {
    closed = true;
    for (const id of [...open.keys()]) settle(id)?.reject(new StationError('station_gone'));
  });

  const subscribe = (): void => {
    if (!closed) wire.send(writeMessage({ kind: 'subscribe', events: [...listeners.keys()] }));
  };

  return {
    call: <M extends MethodName>(method: M, input: Input<M>, options: CallOptions = {}) =>
      new Promise<Output<M>>((resolve, reject) => {
        const { signal, timeoutMs = METHODS[method].timeoutMs } = options;
        if (closed) return reject(new StationError('station_gone'));
        if (signal?.aborted) return reject(new StationError('interrupted'));
        const fits = METHODS[method].input.safeParse(input);
        if (!fits.success) {
          const field = fits.error.issues[0]?.path.map(String).join('.') ?? '';
          return reject(new StationError('value_invalid', { field, reason: fits.error.issues[0]?.message }));
        }
        const id = nextId++;
        const cancel = (code: 'interrupted' | 'station_silent'): void => {
          if (settle(id) === undefined) return;
          finish();
          if (!closed) wire.send(writeMessage({ kind: 'cancel', id }));
          reject(new StationError(code, code === 'station_silent' ? { method, timeoutMs } : {}));
        };
        const aborted = (): void => cancel('interrupted');
        const timer = timers.setTimeout(() => cancel('station_silent'), timeoutMs);
        const finish = (): void => {
          timers.clearTimeout(timer as never);
          signal?.removeEventListener('abort', aborted);
        };
        signal?.addEventListener('abort', aborted);
        open.set(id, {
          method,
          resolve: (output) => {
            finish();
            resolve(output as Output<M>);
          },
          reject: (error) => {
            finish();
            reject(error);
          },
        });
        wire.send(writeMessage({ kind: 'call', id, method, input: fits.data }));
      }),
    on: (event, listener) => {
      const set = listeners.get(event) ?? new Set();
      set.add(listener as (payload: never) => void);
      const first = !listeners.has(event);
      listeners.set(event, set);
      if (first) subscribe();
      return () => {
        set.delete(listener as (payload: never) => void);
        if (set.size === 0 && listeners.get(event) === set) {
          listeners.delete(event);
          subscribe();
        }
      };
    },
    onClose: wire.onClose,
    close: wire.close,
  };
}
