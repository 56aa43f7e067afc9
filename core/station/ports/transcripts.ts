// Where the traffic of a run's serial line is kept. Secrets are blacked out before they arrive here.

import type { RunId } from '../../domain/ids.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';

export interface OpenTranscript extends TranscriptSink {
  /** Flushes what was written. Never throws: a transcript must not fail a run. */
  close(): void;
}

export interface TranscriptPort {
  open(runId: RunId): OpenTranscript;
}
