import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHeartbeat } from '../../../core/host/heartbeat.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function started(answers: (asked: number) => boolean) {
  const seen = { asked: 0, dead: 0 };
  const heartbeat = startHeartbeat({
    ask: () => {
      seen.asked += 1;
      if (answers(seen.asked)) setTimeout(() => heartbeat.answered(), 10);
    },
    onDead: () => {
      seen.dead += 1;
    },
    intervalMs: 1_000,
    beatsUntilDead: 3,
    beatsUntilFirst: 10,
  });
  return { seen, heartbeat };
}

describe('a heartbeat', () => {
  it('goes on as long as it is answered, also now and then', () => {
    const { seen, heartbeat } = started((asked) => asked % 3 === 0 || asked === 1);
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual({ asked: 61, dead: 0 });
    heartbeat.stop();
  });

  it('that is answered no longer ends once, after the beats that are allowed', () => {
    const { seen } = started((asked) => asked < 5);
    vi.advanceTimersByTime(6_500);
    expect(seen.dead).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(seen.dead).toBe(1);
    expect(seen.asked).toBe(7);
  });

  it('waits longer for the first answer, but not for ever', () => {
    const { seen } = started(() => false);
    vi.advanceTimersByTime(10_500);
    expect(seen.dead).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(seen.dead).toBe(1);
  });

  it('accuses nobody after a sleep: the beats that did not happen do not count', () => {
    const { seen, heartbeat } = started((asked) => asked < 5);
    vi.advanceTimersByTime(4_500);
    vi.setSystemTime(Date.now() + 86_400_000);
    vi.advanceTimersByTime(1_000);
    expect(seen.dead).toBe(0);
    heartbeat.stop();
  });

  it('that was stopped is silent', () => {
    const { seen, heartbeat } = started(() => false);
    heartbeat.stop();
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual({ asked: 1, dead: 0 });
  });
});
