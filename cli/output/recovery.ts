// What was found and decided at start, if the last Keyline ended in the middle of something.

import type { RecoveredRun } from '../../core/station/recovery.ts';
import type { Output } from './output.ts';

const decided = ({ action, outcome, foundState }: RecoveredRun): string => {
  switch (action) {
    case 'none':
      if (outcome === 'pass') return 'its credential had been verified and stands';
      return foundState === 'verified'
        ? 'its credential stands; whether the device is sealed only the device can say, so run it again with --seal'
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
