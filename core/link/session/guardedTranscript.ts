// The only way from a line session to the transcript. While it is dark nothing of the line is written but rows known to
// be harmless; and whatever was once secret stays masked, even if the device repeats it later.

import type { TranscriptSink } from '../../domain/transcript.ts';

const WINDOW_CHARACTERS = 8;
const MASK = '▒';
/** Longer is no answer: what comes beyond it before anything else is sent would push the run's own lines out of its record. */
const ANSWER_MAX_CHARACTERS = 64 * 1024;

/** FNV-1a, 32 bits: enough to recognise a window without keeping the secret itself. */
function windowHash(text: string, start: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < start + WINDOW_CHARACTERS; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export class GuardedTranscript {
  readonly #sink: TranscriptSink;
  readonly #secretWindows = new Set<number>();
  #isHarmless: ((row: string) => boolean) | undefined;
  /** The end of the row before, because a secret may be cut by a line break. */
  #tail = '';
  #receivedCharacters = 0;

  constructor(sink: TranscriptSink) {
    this.#sink = sink;
  }

  get dark(): boolean {
    return this.#isHarmless !== undefined;
  }

  /** Masks every piece of `secretText` of eight characters or more from now on. */
  remember(secretText: string): void {
    for (let start = 0; start + WINDOW_CHARACTERS <= secretText.length; start += 1) {
      this.#secretWindows.add(windowHash(secretText, start));
    }
  }

  /** From here on only device rows that `isHarmless` accepts are written. */
  goDark(isHarmless: (row: string) => boolean): void {
    this.#isHarmless = isHarmless;
  }

  lightUp(): void {
    this.#isHarmless = undefined;
    this.#tail = '';
  }

  sent(text: string): void {
    this.#receivedCharacters = 0;
    if (!this.dark) this.#sink.write('to-device', this.mask(text));
  }

  received(row: string): void {
    if (row === '' || (this.#isHarmless !== undefined && !this.#isHarmless(row.trim()))) return;
    const masked = this.mask(this.#tail + row).slice(this.#tail.length);
    this.#tail = row.slice(-(WINDOW_CHARACTERS - 1));
    this.#receivedCharacters += row.length;
    if (this.#receivedCharacters <= ANSWER_MAX_CHARACTERS) this.#sink.write('from-device', masked);
    else if (this.#receivedCharacters - row.length <= ANSWER_MAX_CHARACTERS) {
      this.note(
        `left out: all that comes beyond ${ANSWER_MAX_CHARACTERS} characters before the next command`,
      );
    }
  }

  note(text: string): void {
    this.#sink.write('note', text);
  }

  /** `text` with everything that is known to be secret covered. */
  mask(text: string): string {
    if (this.#secretWindows.size === 0) return text;
    const covered = new Set<number>();
    for (let start = 0; start + WINDOW_CHARACTERS <= text.length; start += 1) {
      if (!this.#secretWindows.has(windowHash(text, start))) continue;
      for (let index = start; index < start + WINDOW_CHARACTERS; index += 1) covered.add(index);
    }
    if (covered.size === 0) return text;
    return Array.from({ length: text.length }, (_, index) => (covered.has(index) ? MASK : text[index])).join(
      '',
    );
  }
}
