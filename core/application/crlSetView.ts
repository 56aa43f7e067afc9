// The revocation lists as the contract shows them.

import { caFolder } from '../authority/issuing/caFolders.ts';
import { hasCaKey } from '../authority/issuing/caSigner.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import type { CrlSet } from '../contract/schemas/authority.ts';
import { CRL_WARNING_MS, certificateOf, storedCrls } from '../host/crlFiles.ts';
import type { House } from './house.ts';

const DAY_MS = 86_400_000;

export function crlSet(house: House, nowMs: number): CrlSet {
  const { authority } = house.folder;
  return {
    warnDays: CRL_WARNING_MS / DAY_MS,
    lists: storedCrls(authority, nowMs, CRL_WARNING_MS).map(({ label, ca, crl, freshness }) => ({
      ...{ ca, label, freshness, keyHere: hasCaKey(caFolder(authority, label), ca) },
      subject: describeCertificate(certificateOf(caFolder(authority, label), ca)).subject.slice(0, 600),
      crlNumber: crl?.crlNumber?.toString(),
      revoked: crl?.entryCount,
      thisUpdateMs: crl?.thisUpdateMs,
      nextUpdateMs: crl?.nextUpdateMs,
    })),
  };
}
