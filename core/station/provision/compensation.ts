// What a failed run does with its credential: nothing signed is voided, something signed is revoked. Either way the
// record says so before the run closes; if even that cannot be written, recovery at the next start does the same.

import type { Clock } from '../../domain/clock.ts';
import type { Credential, RevocationReason } from '../../domain/credential.ts';
import type { InventoryPort } from '../ports/inventory.ts';

export type Compensation = 'none' | 'voided' | 'revoked';

/**
 * The key of a credential that was not verified is in doubt or lost with the station's memory, so the certificate must
 * never be trusted: RFC 5280 5.3.1 `cessationOfOperation`.
 */
const REASON: RevocationReason = 'cessationOfOperation';

export function abandonCredential(
  inventory: InventoryPort,
  clock: Clock,
  credential: Credential | undefined,
  why: string,
): Compensation {
  switch (credential?.state) {
    case 'reserved':
    case 'prepared':
      inventory.void(credential.credentialId, why, clock.nowMs());
      return 'voided';
    case 'issued':
    case 'installed':
      inventory.revoke(credential.credentialId, REASON, why, clock.nowMs());
      return 'revoked';
    case 'verified':
    case 'sealed':
    case 'voided':
    case 'revoked':
    case undefined:
      return 'none';
  }
}
