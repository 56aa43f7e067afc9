// Time and randomness are passed in, so that a test can hold them still and a record can be replayed.

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

export interface Random {
  /** `sizeBytes` octets from a cryptographically secure generator. */
  bytes(sizeBytes: number): Uint8Array;
}

/** The time of day, as the computer has it: it may be set forwards or back at any moment. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Only ever goes forwards, from an arbitrary beginning: for timeouts and durations. */
export const monotonicClock: Clock = { nowMs: () => performance.now() };
