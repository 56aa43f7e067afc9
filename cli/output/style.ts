// Colour and glyphs, only where they help: Node's styleText obeys NO_COLOR, FORCE_COLOR and whether a terminal listens.

import { styleText } from 'node:util';
import type { Outcome } from '../../core/domain/run.ts';

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (format, text) =>
    styleText(format, text, { stream });

const OUTCOME_STYLE: Readonly<Record<Outcome, { readonly glyph: string; readonly format: Format }>> = {
  pass: { glyph: '✔', format: 'green' },
  fail: { glyph: '✘', format: 'red' },
  timeout: { glyph: '✘', format: 'red' },
  error: { glyph: '!', format: 'magenta' },
  aborted: { glyph: '–', format: 'yellow' },
};

/** Glyph and word: colour alone never carries the verdict. */
export const paintOutcome = (paint: Paint, outcome: Outcome): string => {
  const { glyph, format } = OUTCOME_STYLE[outcome];
  return paint(format, `${glyph} ${outcome}`);
};

export const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

const BAR_WIDTH = 16;

/** `━━━━────` : share is 0 to 1. */
export function progressBar(paint: Paint, share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return paint('cyan', '━'.repeat(full)) + paint('gray', '─'.repeat(BAR_WIDTH - full));
}
