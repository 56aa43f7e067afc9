// A rough length of time in the words of a language: "40 seconds", "3 hrs 12 min", "9 years".

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Each from two of it on: one of it alone would be too rough. */
const UNITS = [
  ['year', 365 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
] as const;

export function durationIn(locale: string): (ms: number) => string {
  const words = (value: number, unit: string, unitDisplay: 'long' | 'short' = 'long'): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(value);
  return (ms) => {
    // Rounded up: what is not over yet is not over in 0 seconds.
    if (ms < MINUTE_MS) return words(Math.max(0, Math.ceil(ms / SECOND_MS)), 'second');
    if (ms < HOUR_MS) return words(Math.floor(ms / MINUTE_MS), 'minute');
    if (ms < DAY_MS) {
      const hours = words(Math.floor(ms / HOUR_MS), 'hour', 'short');
      return `${hours} ${words(Math.floor((ms % HOUR_MS) / MINUTE_MS), 'minute', 'short')}`;
    }
    const [unit, size] = UNITS.find(([, length]) => ms >= 2 * length) ?? UNITS[2];
    return words(Math.floor(ms / size), unit);
  };
}
