// The time of day as something that re-renders, only as often as it is looked at.

import { useEffect, useState } from 'react';

/** The current time, renewed every `everyMs` while `active`. */
export function useNow(everyMs: number, active = true): number {
  const [nowMs, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs, active]);
  return nowMs;
}

/** `value` once it has rested for `restMs`: what is typed is not asked letter by letter. */
export function useRested<T>(value: T, restMs: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(value), restMs);
    return () => window.clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}
