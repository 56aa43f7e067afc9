// The transcript of one run, which also counts what had to be asked twice: a phase's evidence says so, and a bad cable shows.

import type { JsonObject } from '../../domain/run.ts';
import type { RepeatedQuestion, TranscriptSink } from '../../domain/transcript.ts';
import type { OpenTranscript } from '../ports/transcripts.ts';

/** A device that garbles everything must not fill the record. */
const RECORDED_MAX = 50;

export class RunTranscript implements OpenTranscript {
  readonly #file: OpenTranscript;
  #repeated: RepeatedQuestion[] = [];
  #omitted = 0;
  /** All that was asked twice in this run. */
  repeatedCount = 0;

  constructor(file: OpenTranscript) {
    this.#file = file;
  }

  write(...entry: Parameters<TranscriptSink['write']>): void {
    this.#file.write(...entry);
  }

  repeated(question: RepeatedQuestion): void {
    this.repeatedCount += 1;
    if (this.#repeated.length < RECORDED_MAX) this.#repeated.push(question);
    else this.#omitted += 1;
  }

  /** What was asked twice since this was last called, as evidence; nothing where there is nothing. */
  takeRepeated(): JsonObject {
    const taken = this.#repeated;
    const omitted = this.#omitted;
    this.#repeated = [];
    this.#omitted = 0;
    if (taken.length === 0) return {};
    return {
      askedAgain: taken.map((question) => ({ ...question })),
      ...(omitted === 0 ? {} : { askedAgainOmitted: omitted }),
    };
  }

  close(): void {
    this.#file.close();
  }
}
