// What the process's exit status means; documented in `keyline --help` and the README.

import type { Outcome } from '../core/domain/run.ts';
import type { Side, StationError } from '../core/domain/stationError.ts';

export const EXIT = {
  ok: 0,
  /** At least one device did not pass. */
  deviceFailed: 1,
  /** What was asked cannot be done as asked. */
  refused: 2,
  /** This computer is in the way: disk, port, database, another Keyline. */
  stationTrouble: 3,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_SIDE: Readonly<Record<Side, ExitCode>> = {
  device: EXIT.deviceFailed,
  operator: EXIT.refused,
  station: EXIT.stationTrouble,
};

export const exitCodeOf = (error: StationError): ExitCode =>
  error.code === 'interrupted' ? EXIT.interrupted : BY_SIDE[error.side];

export function exitCodeOfOutcome(outcome: Outcome): ExitCode {
  switch (outcome) {
    case 'pass':
      return EXIT.ok;
    case 'fail':
    case 'timeout':
      return EXIT.deviceFailed;
    case 'error':
      return EXIT.stationTrouble;
    case 'aborted':
      return EXIT.interrupted;
  }
}
