// The record of what went over the line in one run.

/** Receives the line's traffic as it happens; what is secret arrives already blacked out. */
export interface TranscriptSink {
  write(direction: 'to-device' | 'from-device' | 'note', text: string): void;
}
