// The record of what went over the line in one run.

import type { ErrorCode } from './stationError.ts';

/** A question to a device that was asked a second time, because its answer was garbled or doubtful. */
export interface RepeatedQuestion {
  readonly question: string;
  readonly reason: ErrorCode;
}

/** Receives the line's traffic as it happens; what is secret arrives already blacked out. */
export interface TranscriptSink {
  write(direction: 'to-device' | 'from-device' | 'note', text: string): void;
  /** The run's record keeps these; absent where there is none. */
  repeated?(question: RepeatedQuestion): void;
}
