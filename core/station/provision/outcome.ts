// Which of the five outcomes a failure means (OpenHTF: FAIL is the device's, ERROR is the station's).

import type { Outcome } from '../../domain/run.ts';
import type { ErrorCode, StationError } from '../../domain/stationError.ts';

/** Asked for by the operator, but true of the device under test: the device cannot pass as it is. */
const ABOUT_THE_DEVICE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'already_provisioned',
  'slot_taken',
  'device_sealed',
  'hardware_id_taken',
  'hardware_id_changed',
  'custody_not_offered',
]);

export function outcomeOf(error: StationError): Outcome {
  if (error.code === 'interrupted') return 'aborted';
  if (error.code === 'phase_timeout') return 'timeout';
  if (error.side === 'device' || ABOUT_THE_DEVICE.has(error.code)) return 'fail';
  return 'error';
}
