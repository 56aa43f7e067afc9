// What a target can promise before a device is plugged in: where its key may be made, and how strongly the installation can
// be checked. The run's own record says what was really done.

import type { KeyCustody } from '../domain/credential.ts';
import type { Target } from '../domain/target.ts';
import type { VerificationCheck } from '../domain/verification.ts';
import { parseDialect } from '../link/cellular/dialect.ts';

export interface TargetStrength {
  /** Best first. */
  readonly custody: readonly KeyCustody[];
  readonly certificates: VerificationCheck;
  readonly key: VerificationCheck;
}

const same = (check: VerificationCheck, custody: KeyCustody = 'station-memory'): TargetStrength => ({
  custody: [custody],
  certificates: check,
  key: check,
});

const BY_DRIVER: Readonly<Record<string, TargetStrength>> = {
  zephyr: same('device-digest'),
  nrf91: {
    custody: ['on-device', 'station-memory'],
    certificates: 'device-digest',
    key: 'proof-of-possession',
  },
  'freertos-pki': { custody: ['on-device'], certificates: 'read-back', key: 'proof-of-possession' },
  mcumgr: same('device-digest'),
  micropython: same('device-digest'),
  esp32: same('read-back'),
  files: same('read-back', 'file'),
};

/** The best that firmware of this kind can show; a build that lacks a command shows less, and says so in the run. */
export function targetStrength(target: Target): TargetStrength {
  return target.driver === 'cellular'
    ? same(cellularCheck(target))
    : (BY_DRIVER[target.driver] ?? same('impossible'));
}

function cellularCheck(target: Target): VerificationCheck {
  const { readBack, digest, list } = parseDialect(target);
  if (readBack !== undefined) return 'read-back';
  if (digest !== undefined) return 'device-digest';
  // A pattern with a group finds the size.
  return /(?<!\\)\((?!\?)/.test(list.pattern) ? 'length-only' : 'impossible';
}
