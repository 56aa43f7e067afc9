// One sound per outcome, told apart without looking: rising for pass, falling for fail, repeated for the station's own
// trouble. Made on the spot, so that no file is needed.

import type { Outcome } from '../../core/domain/run.ts';

/** Frequency in Hz, start and length in seconds. */
type Note = readonly [frequency: number, start: number, length: number];

const MELODIES: Readonly<
  Record<Outcome, { readonly wave: OscillatorType; readonly notes: readonly Note[] }>
> = {
  pass: {
    wave: 'sine',
    notes: [
      [659, 0, 0.12],
      [988, 0.11, 0.26],
    ],
  },
  fail: {
    wave: 'square',
    notes: [
      [311, 0, 0.2],
      [196, 0.22, 0.42],
    ],
  },
  error: {
    wave: 'triangle',
    notes: [
      [523, 0, 0.12],
      [523, 0.2, 0.12],
      [523, 0.4, 0.2],
    ],
  },
  timeout: {
    wave: 'triangle',
    notes: [
      [440, 0, 0.3],
      [330, 0.32, 0.4],
    ],
  },
  aborted: { wave: 'sine', notes: [[330, 0, 0.2]] },
};

let context: AudioContext | undefined;

/** Plays the outcome's sound; `volume` is 0 to 1. Silent where the computer has no sound. */
export function playVerdict(outcome: Outcome, volume: number): void {
  try {
    context ??= new AudioContext();
  } catch {
    return;
  }
  void context.resume();
  const { wave, notes } = MELODIES[outcome];
  const now = context.currentTime + 0.02;
  for (const [frequency, start, length] of notes) {
    const oscillator = new OscillatorNode(context, { type: wave, frequency });
    // Ramps, not steps: a step clicks.
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(volume * (wave === 'square' ? 0.35 : 0.8), now + start, 0.008);
    gain.gain.setTargetAtTime(0, now + start + length, 0.04);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(now + start);
    oscillator.stop(now + start + length + 0.4);
  }
}
