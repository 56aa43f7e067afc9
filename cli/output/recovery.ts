// What was found and decided at start, if the last Keyline ended in the middle of something.

import type { RecoveredRun } from '../../core/station/recovery.ts';
import type { Output } from './output.ts';

const decided = ({ action, outcome }: RecoveredRun): string => {
  switch (action) {
    case 'none':
      return outcome === 'pass'
        ? 'its credential had been verified and stands'
        : 'nothing had been decided yet; provision it again';
    case 'voided':
      return 'nothing had been signed; provision it again';
    case 'revoked':
      return 'its certificate is revoked, because its key is lost; provision it again';
  }
};

export function tellRecovery(output: Output, recovered: readonly RecoveredRun[]): void {
  for (const run of recovered) {
    output.result(
      'recovered',
      run,
      `${output.paint('yellow', '↻')} ${run.deviceSerial} was interrupted in ${run.phase ?? 'open'}: ${decided(run)}.`,
    );
  }
}
