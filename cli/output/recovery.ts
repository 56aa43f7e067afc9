// What was found and decided at start, if the last Keyline ended in the middle of something.

import type { RecoveredRun } from '../../core/station/recovery.ts';
import type { Output } from './output.ts';

const WORDS = {
  none: 'its credential stands',
  voided: 'nothing had been signed',
  revoked: 'its certificate is revoked, because its key is lost; provision it again',
} as const;

export function tellRecovery(output: Output, recovered: readonly RecoveredRun[]): void {
  for (const run of recovered) {
    output.result(
      'recovered',
      run,
      `${output.paint('yellow', '↻')} ${run.deviceSerial} was interrupted in ${run.phase ?? 'open'}: ${WORDS[run.action]}.`,
    );
  }
}
