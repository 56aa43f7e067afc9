// The weaker of the two comparisons: the bytes come over the line, where noise may have changed them.

import type { CredentialItem } from '../../domain/credential.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { type ItemVerification, toldDigests } from '../../domain/verification.ts';
import type { Questions } from '../session/questions.ts';
import { sha256Hex } from './storedPlan.ts';

/**
 * Compares what `read` brings with what was sent; it is wiped. What does not match is read once again, and the record shows
 * both readings, also of one that then matched. `known` is a reading that was made already. Throws `verification_mismatch`.
 */
export async function compareReadBack(
  questions: Questions,
  { item, expectedSha256 }: { readonly item: CredentialItem; readonly expectedSha256: Sha256Hex },
  read: () => Promise<Uint8Array>,
  known?: Sha256Hex,
): Promise<ItemVerification> {
  const digest = async (): Promise<Sha256Hex> => {
    const bytes = await read();
    const sha256 = sha256Hex(bytes);
    bytes.fill(0);
    return sha256;
  };
  const check = 'read-back';
  const first = known ?? (await digest());
  if (first === expectedSha256) return { item, check, expectedSha256, actualSha256: first };
  questions.record(`reading back ${item}`, 'verification_mismatch');
  const second = await digest();
  const readings = { expectedSha256, actualSha256: second, firstReadSha256: first };
  if (second !== expectedSha256)
    throw new StationError('verification_mismatch', { item, check, ...toldDigests(item, readings) });
  return { item, check, ...readings };
}
