// What the records keep of the bytes that a device stores. A password has fewer bits than a key: its digest is salted, so that a
// stolen inventory cannot be searched for all of its passwords at once.

import type { CredentialItem, StoredDigests } from '../../domain/credential.ts';
import type { CredentialId, Sha256Hex } from '../../domain/ids.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { sha256Hex } from '../digest.ts';

/** The digest of one item as recorded for this credential; the same for the same bytes. */
export const recordedDigest = (
  credentialId: CredentialId,
  item: CredentialItem,
  storedSha256: Sha256Hex,
): Sha256Hex =>
  item === 'password' ? sha256Hex(new TextEncoder().encode(`${credentialId} ${storedSha256}`)) : storedSha256;

export function recordedDigests(credentialId: CredentialId, digests: StoredDigests): StoredDigests {
  const { password } = digests;
  return password === undefined
    ? digests
    : { ...digests, password: recordedDigest(credentialId, 'password', password) };
}

/** A verification as the record and the interfaces are told it. */
export const recordedVerification = (
  credentialId: CredentialId,
  { item, check, expectedSha256, actualSha256, firstReadSha256 }: ItemVerification,
): ItemVerification => ({
  item,
  check,
  expectedSha256: recordedDigest(credentialId, item, expectedSha256),
  actualSha256: actualSha256 && recordedDigest(credentialId, item, actualSha256),
  ...(firstReadSha256 === undefined
    ? {}
    : { firstReadSha256: recordedDigest(credentialId, item, firstReadSha256) }),
});
