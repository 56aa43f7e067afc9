// Options that make a command die at a point, name the points it passes, or record the keys it makes (see killPoint.ts).

import { existsSync, readFileSync } from 'node:fs';
import type { CliOptions } from './cliProcess.ts';

const KILL_POINT = new URL('./killPoint.ts', import.meta.url).href;

export interface Sabotage {
  readonly killAt?: string;
  /** `SIGKILL` unless told otherwise. */
  readonly signals?: readonly NodeJS.Signals[];
  readonly pointsOut?: string;
  readonly keysOut?: string;
  readonly filesOf?: string;
}

export const sabotage = ({ killAt, signals, pointsOut, keysOut, filesOf }: Sabotage): CliOptions => ({
  preload: [KILL_POINT],
  env: {
    ...(killAt === undefined ? {} : { KEYLINE_KILL_AT: killAt }),
    ...(signals === undefined ? {} : { KEYLINE_SIGNALS: signals.join(',') }),
    ...(pointsOut === undefined ? {} : { KEYLINE_POINTS_OUT: pointsOut }),
    ...(keysOut === undefined ? {} : { KEYLINE_KEYS_OUT: keysOut }),
    ...(filesOf === undefined ? {} : { KEYLINE_FILES_OF: filesOf }),
  },
});

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];

/** The points that a command passed, in their order. */
export const killPointsOf = (path: string): readonly string[] => linesOf(path);

/** The scalars of the private keys that commands made. */
export const recordedKeys = (path: string): readonly Uint8Array[] =>
  linesOf(path).map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
