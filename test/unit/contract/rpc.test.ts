import { describe, expect, it } from 'vitest';
import type { StationEvent } from '../../../core/contract/events.ts';
import { MESSAGE_MAX_LENGTH } from '../../../core/contract/limits.ts';
import { METHOD_NAMES } from '../../../core/contract/methods.ts';
import { connectStation, type StationClient } from '../../../core/contract/rpc/client.ts';
import {
  type ContractLog,
  type StationMethods,
  type StationService,
  serveStation,
} from '../../../core/contract/rpc/host.ts';
import { type Wire, wirePair } from '../../../core/contract/rpc/wire.ts';
import type { Role } from '../../../core/contract/schemas/common.ts';
import { StationError } from '../../../core/domain/stationError.ts';

const SETTINGS = { theme: 'dark', language: 'en', soundEnabled: true, soundVolume: 0.5 } as const;

interface Bench {
  readonly client: StationClient;
  readonly raw: Wire;
  readonly replies: unknown[];
  readonly log: Parameters<ContractLog>[0][];
  readonly clientLog: string[];
  readonly emit: (event: StationEvent) => void;
  readonly end: () => void;
}

/** A host whose methods all fail loudly, but for those given. */
function serve(methods: Partial<StationMethods>, role: () => Role | undefined = () => 'supervisor'): Bench {
  const unasked = Object.fromEntries(
    METHOD_NAMES.map((name) => [
      name,
      () => {
        throw new Error(`${name} was not expected`);
      },
    ]),
  ) as unknown as StationMethods;
  const listeners = new Set<(event: StationEvent) => void>();
  const service: StationService = {
    methods: { ...unasked, ...methods },
    role,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const log: Bench['log'] = [];
  const clientLog: string[] = [];
  const replies: unknown[] = [];
  const [stationEnd, windowEnd] = wirePair();
  const [rawStationEnd, raw] = wirePair();
  const end = serveStation(stationEnd, service, (entry) => log.push(entry));
  serveStation(rawStationEnd, service, (entry) => log.push(entry));
  raw.onMessage((data) => replies.push(JSON.parse(String(data))));
  const client = connectStation(windowEnd, (reason) => clientLog.push(reason));
  const emit = (event: StationEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return { client, raw, replies, log, clientLog, emit, end };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof StationError ? error.code : error),
  );

describe('a call', () => {
  it('carries input and output', async () => {
    const { client } = serve({ 'settings.save': (settings) => ({ ...settings, theme: 'light' }) });
    expect(await client.call('settings.save', SETTINGS)).toEqual({ ...SETTINGS, theme: 'light' });
  });

  it('brings a failure back as the same StationError', async () => {
    const { client } = serve({
      'bays.stop': () => {
        throw new StationError('bay_unknown', { bayName: 'B9' });
      },
    });
    const error = await client.call('bays.stop', { bayName: 'B9' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bay_unknown', side: 'operator', details: { bayName: 'B9' } });
  });

  it('turns what nobody foresaw into internal and logs it without its message', async () => {
    const { client, log } = serve({
      'bays.stopAll': () => {
        throw new TypeError('passphrase correct horse');
      },
    });
    expect(await codeOf(client.call('bays.stopAll', {}))).toBe('internal');
    expect(log).toEqual([{ kind: 'unforeseen', reason: 'TypeError', method: 'bays.stopAll' }]);
  });

  it('is refused at the window when its input does not fit', async () => {
    const { client, log } = serve({});
    expect(await codeOf(client.call('bays.stop', { bayName: '' }))).toBe('value_invalid');
    expect(log).toEqual([]);
  });

  it('is refused at the window when the answer does not fit', async () => {
    const [stationEnd, windowEnd] = wirePair();
    stationEnd.onMessage((data) => {
      const { id } = JSON.parse(String(data)) as { id: number };
      stationEnd.send(JSON.stringify({ version: 1, kind: 'answer', id, output: { extra: true } }));
    });
    const clientLog: string[] = [];
    const client = connectStation(windowEnd, (reason) => clientLog.push(reason));
    expect(await codeOf(client.call('bays.stopAll', {}))).toBe('message_refused');
    expect(clientLog).toEqual(['the answer to bays.stopAll does not fit the contract']);
  });

  it('hides an answer that is outside the contract, so that nothing leaks', async () => {
    const leaking = { ...SETTINGS, passphrase: 'correct horse' };
    const { client, log } = serve({ 'settings.get': () => leaking });
    const error = await client.call('settings.get', {}).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error)).not.toContain('correct horse');
    expect(log).toMatchObject([{ kind: 'answer-invalid', method: 'settings.get' }]);
  });

  it('gives up after its timeout, tells the station, and ignores a late answer', async () => {
    let cancelled = false;
    const { client } = serve({
      'settings.get': (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            cancelled = true;
            resolve(SETTINGS);
          });
        }),
    });
    expect(await codeOf(client.call('settings.get', {}, { timeoutMs: 1 }))).toBe('station_silent');
    await settled();
    expect(cancelled).toBe(true);
  });

  it('is cancelled by its signal', async () => {
    const { client } = serve({ 'settings.get': () => new Promise(() => {}) });
    const controller = new AbortController();
    const call = codeOf(client.call('settings.get', {}, { signal: controller.signal }));
    controller.abort();
    expect(await call).toBe('interrupted');
    expect(await codeOf(client.call('settings.get', {}, { signal: controller.signal }))).toBe('interrupted');
  });

  it('fails with station_gone when the connection closes, before and after', async () => {
    const { client, end } = serve({ 'settings.get': () => new Promise(() => {}) });
    const call = codeOf(client.call('settings.get', {}));
    end();
    expect(await call).toBe('station_gone');
    expect(await codeOf(client.call('settings.get', {}))).toBe('station_gone');
  });
});

describe('access', () => {
  it.each([
    [undefined, 'bays.list', 'signed_out'],
    [undefined, 'authority.get', 'signed_out'],
    ['operator', 'operators.list', 'role_missing'],
    ['operator', 'inventory.revoke', 'role_missing'],
  ] as const)('as %s, %s is %s', async (role, method, code) => {
    const { raw, replies } = serve({}, () => role);
    raw.send(JSON.stringify({ version: 1, kind: 'call', id: 1, method, input: {} }));
    await settled();
    expect(replies).toMatchObject([{ kind: 'failure', id: 1, failure: { code } }]);
  });

  it('asks for the role anew at every call', async () => {
    let role: Role | undefined = 'operator';
    const { client } = serve({ 'bays.stopAll': () => ({}) }, () => role);
    expect(await codeOf(client.call('bays.stopAll', {}))).toBe('answered');
    role = undefined;
    expect(await codeOf(client.call('bays.stopAll', {}))).toBe('signed_out');
  });
});

describe('a message that does not fit', () => {
  const call = { version: 1, kind: 'call', id: 7, method: 'bays.stop', input: { bayName: 'A1' } };
  it.each([
    ['not text', { kind: 'call' }, 'not-text', undefined],
    ['not JSON', '{', 'not-json', undefined],
    ['a list', '[]', 'malformed', undefined],
    ['null', 'null', 'malformed', undefined],
    ['another version', JSON.stringify({ ...call, version: 2 }), 'wrong-version', 7],
    ['no version', JSON.stringify({ kind: 'call', id: 7 }), 'wrong-version', 7],
    ['an extra field', JSON.stringify({ ...call, trace: 1 }), 'malformed', 7],
    ['an unknown kind', JSON.stringify({ ...call, kind: 'eval' }), 'malformed', 7],
    ['an id that is no number', JSON.stringify({ ...call, id: 'x' }), 'malformed', undefined],
    ['an unknown method', JSON.stringify({ ...call, method: 'authority.key' }), 'unknown-method', 7],
    ['an inherited name', JSON.stringify({ ...call, method: 'constructor' }), 'unknown-method', 7],
    [
      'an unknown event',
      JSON.stringify({ version: 1, kind: 'subscribe', events: ['*'] }),
      'malformed',
      undefined,
    ],
    ['too much', `"${'x'.repeat(MESSAGE_MAX_LENGTH)}"`, 'too-large', undefined],
  ])('is refused and logged: %s', async (_, data, reason, id) => {
    const { raw, replies, log } = serve({});
    raw.send(data as string);
    await settled();
    expect(log).toMatchObject([{ kind: 'refused', reason }]);
    expect(replies).toMatchObject([
      id === undefined
        ? { kind: 'refused', reason }
        : { kind: 'failure', id, failure: { code: 'message_refused', details: { reason } } },
    ]);
  });

  it('is refused for an extra field in the input, and the value is in no log', async () => {
    const { raw, replies, log } = serve({ 'bays.stop': () => ({}) });
    raw.send(JSON.stringify({ ...call, input: { bayName: 'A1', pin: '4711' } }));
    await settled();
    expect(replies).toMatchObject([{ kind: 'failure', id: 7, failure: { code: 'message_refused' } }]);
    expect(log).toEqual([
      { kind: 'refused', reason: 'input: (all): unrecognized_keys', method: 'bays.stop' },
    ]);
  });

  it('is refused when too many calls are open, and when an id is used twice', async () => {
    const { raw, log } = serve({ 'bays.stop': () => new Promise(() => {}) });
    for (let id = 1; id <= 65; id++) raw.send(JSON.stringify({ ...call, id }));
    raw.send(JSON.stringify({ ...call, id: 1 }));
    await settled();
    expect(log.map((entry) => entry.reason)).toEqual(['too-many-calls', 'id-in-use']);
  });

  it('from the station is refused at the window', async () => {
    const [stationEnd, windowEnd] = wirePair();
    const clientLog: string[] = [];
    connectStation(windowEnd, (reason) => clientLog.push(reason));
    stationEnd.send('{');
    stationEnd.send(JSON.stringify({ version: 1, kind: 'event', event: 'bay.verdict', payload: { x: 1 } }));
    stationEnd.send(JSON.stringify({ version: 1, kind: 'refused', reason: 'not-json' }));
    await settled();
    expect(clientLog).toEqual([
      'a message from the station was refused: not-json',
      'the event bay.verdict does not fit the contract',
      'the station refused a message: not-json',
    ]);
  });
});

describe('events', () => {
  const changed = { event: 'inventory.changed', payload: {} } as const;

  it('reach only who listens, until it stops', async () => {
    const { client, emit, replies } = serve({});
    let heard = 0;
    const stop = client.on('inventory.changed', () => heard++);
    await settled();
    emit(changed);
    emit({ event: 'bays.layoutChanged', payload: {} });
    await settled();
    expect(heard).toBe(1);
    expect(replies).toEqual([]);
    stop();
    stop();
    await settled();
    emit(changed);
    await settled();
    expect(heard).toBe(1);
  });

  it('outside the contract are not sent', async () => {
    const { client, emit, log } = serve({});
    let heard = 0;
    client.on('settings.changed', () => heard++);
    await settled();
    emit({ event: 'settings.changed', payload: { ...SETTINGS, soundVolume: 3 } });
    await settled();
    expect(heard).toBe(0);
    expect(log).toMatchObject([{ kind: 'event-invalid' }]);
  });
});
