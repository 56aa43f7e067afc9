// The revocation lists of a whole site: signs the next one of every CA whose key is at hand, and lays the set out as files.

import { caFolder } from '../authority/issuing/caFolders.ts';
import { type CaPlace, openCaSigner } from '../authority/issuing/caSigner.ts';
import { authorityKeyExtension } from '../authority/issuing/issuingCas.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { crlPem, crlSetPem } from '../authority/revocation/crlSet.ts';
import { type ExportedFile, textFile } from '../authority/trust/files.ts';
import type { Secret } from '../domain/secret.ts';
import { asStationError } from '../domain/stationError.ts';
import { CRL_WARNING_MS, renewCrl, storedCrls } from './crlFiles.ts';
import type { IssuingParts } from './openIssuing.ts';

type Parts = Pick<IssuingParts, 'inventory' | 'authority' | 'clock' | 'random'>;

export interface RenewedCrl {
  /** An issuing CA's label, or `root`. */
  readonly ca: string;
  readonly crlNumber: number;
  readonly revoked: number;
  readonly nextUpdateMs: number;
}

export interface CrlRequest {
  readonly authorityFolder: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  readonly actor: string;
  readonly days: number;
  readonly rootDays: number;
}

/**
 * Signs and stores the next list of every issuing CA, and the root's where its key is here under the same passphrase:
 * elsewhere the list of its last ceremony stays. Throws what opening a key throws.
 */
export function renewCrls(parts: Parts, request: CrlRequest): readonly RenewedCrl[] {
  const { inventory, authority, clock, random } = parts;
  const { authorityFolder, passphrase } = request;
  const place = (label: string): CaPlace => ({
    folder: caFolder(authorityFolder, label),
    ...{ clock, random, openToken: openTokenKey },
  });
  const renewed = [...authority.all].map(([label, { issuingDer }]): RenewedCrl => {
    const signer = openCaSigner(place(label), 'issuing', passphrase);
    try {
      const entries = [...inventory.revokedOf(authorityKeyExtension(issuingDer))];
      const { crlNumber, nextUpdateMs } = renewCrl(place(label), 'issuing', signer, entries, request.days);
      const revoked = entries.length;
      inventory.append({
        act: 'crl-written',
        actor: request.actor,
        atMs: clock.nowMs(),
        details: { issuingCa: label, crlNumber, revoked },
      });
      return { ca: label, crlNumber, revoked, nextUpdateMs };
    } finally {
      signer.close();
    }
  });
  const root = renewRootCrl(place('1'), passphrase, request.rootDays);
  return root === undefined ? renewed : [...renewed, root];
}

/** Undefined where the root's key is where it belongs, or under another passphrase. */
function renewRootCrl(place: CaPlace, passphrase: Secret, days: number): RenewedCrl | undefined {
  try {
    const signer = openCaSigner(place, 'root', passphrase);
    try {
      const { crlNumber, nextUpdateMs } = renewCrl(place, 'root', signer, [], days);
      return { ca: 'root', crlNumber, revoked: 0, nextUpdateMs };
    } finally {
      signer.close();
    }
  } catch (thrown) {
    const { code } = asStationError(thrown);
    if (code !== 'authority_missing' && code !== 'passphrase_wrong') throw thrown;
    return undefined;
  }
}

/** `crl-set.pem` and one file per CA. Throws `chain_invalid` when a list is missing or over: such a set turns every device away. */
export function crlSetFiles(
  parts: Pick<Parts, 'authority' | 'clock'>,
  authorityFolder: string,
): readonly ExportedFile[] {
  const nowMs = parts.clock.nowMs();
  const stored = storedCrls(authorityFolder, nowMs, CRL_WARNING_MS);
  const lists = stored.flatMap((one) => (one.crlDer === undefined ? [] : [one.crlDer]));
  return [
    textFile('crl-set.pem', crlSetPem(parts.authority.trustBundleDer.toReversed(), lists, nowMs)),
    ...stored.flatMap(({ label, ca, crlDer }) =>
      crlDer === undefined ? [] : [textFile(`${ca}-${label}.crl.pem`, crlPem(crlDer))],
    ),
  ];
}
