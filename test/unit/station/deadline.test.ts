import { describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { interruption, throwIfAborted, withDeadline } from '../../../core/station/deadline.ts';

const never = new AbortController().signal;
const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('the body noticed late'))),
  );

describe('a deadline', () => {
  test('gives the body’s value, or what the body threw', async () => {
    expect(await withDeadline(never, 1_000, { phase: 'open' }, async () => 7)).toBe(7);
    const failing = withDeadline(never, 1_000, { phase: 'open' }, () =>
      Promise.reject(new StationError('device_gone')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'device_gone' });
  });

  test('ends with the phase and its limit in milliseconds', async () => {
    const late = withDeadline(never, 5, { phase: 'install' }, forever);
    await expect(late).rejects.toMatchObject({
      code: 'phase_timeout',
      details: { phase: 'install', limitMs: 5 },
    });
  });

  test('ends with the parent’s reason, at once where it had aborted before', async () => {
    const parent = new AbortController();
    const reason = new StationError('interrupted');
    const waiting = withDeadline(parent.signal, 60_000, { phase: 'key' }, forever);
    parent.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(withDeadline(parent.signal, 60_000, { phase: 'key' }, forever)).rejects.toBe(reason);
  });

  test('the first reason wins, and the body’s signal carries it', async () => {
    const parent = new AbortController();
    let seen: unknown;
    const late = withDeadline(parent.signal, 5, { phase: 'key' }, (signal) => {
      signal.addEventListener('abort', () => {
        seen = signal.reason;
      });
      return forever(signal);
    });
    await expect(late).rejects.toMatchObject({ code: 'phase_timeout' });
    parent.abort(new StationError('interrupted'));
    expect(seen).toMatchObject({ code: 'phase_timeout' });
  });
});

describe('an interruption', () => {
  test('is our own reason, or the operator’s where the platform gave none', () => {
    const reason = new StationError('disk_full');
    expect(interruption(reason)).toBe(reason);
    expect(interruption(new DOMException('x', 'AbortError'))).toMatchObject({ code: 'interrupted' });
    const controller = new AbortController();
    expect(() => throwIfAborted(controller.signal)).not.toThrow();
    controller.abort();
    expect(() => throwIfAborted(controller.signal)).toThrow('interrupted');
  });
});
