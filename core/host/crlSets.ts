// The revocation lists of a whole site: signs the next one of every CA whose key is at hand, and lays the set out as files.

import { caFolder } from '../authority/issuing/caFolders.ts';
import { type CaPlace, hasCaKey, openCaSigner, tokenReferenceOf } from '../authority/issuing/caSigner.ts';
import { authorityKeyExtension } from '../authority/issuing/issuingCas.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { crlPem, crlSetPem } from '../authority/revocation/crlSet.ts';
import { recordRevokedCa, revokedUnder } from '../authority/revocation/revokedCas.ts';
import { type ExportedFile, textFile } from '../authority/trust/files.ts';
import type { RevocationReason } from '../domain/credential.ts';
import type { Secret } from '../domain/secret.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import { CRL_WARNING_MS, certificateOf, isItsOwnRoot, renewCrl, storedCrls } from './crlFiles.ts';
import type { IssuingParts } from './openIssuing.ts';

type Parts = Pick<IssuingParts, 'inventory' | 'authority' | 'clock' | 'random'>;

export interface RenewedCrl {
  /** An issuing CA's label, or `root`. */
  readonly ca: string;
  readonly crlNumber: number;
  readonly revoked: number;
  readonly nextUpdateMs: number;
}

/** A CA whose last list stays. */
export interface KeptCrl {
  /** An issuing CA's label, or `root`. */
  readonly ca: string;
  /** `root_elsewhere`, `passphrase_wrong` where its key is under another one, or `passphrase_delayed`. */
  readonly why: StationError;
}

export interface CrlRenewal {
  readonly renewed: readonly RenewedCrl[];
  readonly kept: readonly KeptCrl[];
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
 * Signs and stores the next list of every CA whose key this passphrase opens; of the others the last list stays. An issuing CA
 * whose own passphrase is lost must not keep the others waiting. Throws what opening a key throws, where it opens no issuing
 * CA's.
 */
export function renewCrls(parts: Parts, request: CrlRequest): CrlRenewal {
  const { inventory, authority, clock } = parts;
  const { authorityFolder, passphrase } = request;
  const place = (label: string): CaPlace => placeOf(parts, authorityFolder, label);
  const renewed: RenewedCrl[] = [];
  const kept: KeptCrl[] = [];
  for (const [label, { issuingDer }] of authority.all) {
    try {
      renewed.push(renew(label, issuingDer));
    } catch (thrown) {
      // A token counts wrong PINs and locks itself: whoever has one must see the refusal.
      const isOnToken = tokenReferenceOf(place(label).folder, 'issuing') !== undefined;
      if (isOnToken || !isOtherPassphrase(thrown)) throw thrown;
      kept.push({ ca: label, why: asStationError(thrown) });
    }
  }
  if (renewed.length === 0) throw kept[0]?.why;
  if (isItsOwnRoot(place('1').folder)) return { renewed, kept };
  try {
    renewed.push(renewRootCrl(place('1'), passphrase, request.rootDays));
  } catch (thrown) {
    const why = asStationError(thrown);
    if (why.code !== 'root_elsewhere' && !isOtherPassphrase(why)) throw thrown;
    kept.push({ ca: 'root', why });
  }
  return { renewed, kept };

  function renew(label: string, issuingDer: Uint8Array): RenewedCrl {
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
  }
}

const placeOf = (
  { clock, random }: Pick<Parts, 'clock' | 'random'>,
  authorityFolder: string,
  label: string,
): CaPlace => ({
  folder: caFolder(authorityFolder, label),
  ...{ clock, random, openToken: openTokenKey },
});

export interface RevokedIssuingCa {
  readonly certificateSerial: string;
  readonly revokedAtMs: number;
  readonly reason: RevocationReason;
  readonly crls: readonly RenewedCrl[];
  /** Why its root's list does not name it yet: `root_elsewhere`, or its key was not opened. */
  readonly unlisted: StationError | undefined;
}

/**
 * Revokes an issuing CA for good: the record that stops it, the audit entry, then the next lists of all. After a failure in
 * between the same call finishes it. Throws what opening the issuing key throws, before anything is recorded.
 */
export function revokeIssuingCa(
  parts: Parts,
  label: string,
  reason: RevocationReason,
  request: CrlRequest,
): RevokedIssuingCa {
  const { inventory, authority, clock, random } = parts;
  const { authorityFolder, passphrase, actor } = request;
  const { rootDer, issuingDer } = authority.byLabel(label);
  openCaSigner(placeOf(parts, authorityFolder, label), 'issuing', passphrase).close();
  const revoked = recordRevokedCa({ folder: authorityFolder, random }, rootDer, issuingDer, {
    revokedAtMs: clock.nowMs(),
    reason,
  });
  const { certificateSerial, certificateSha256, revokedAtMs } = revoked;
  inventory.append({
    act: 'issuing-ca-revoked',
    actor,
    atMs: clock.nowMs(),
    details: { label, certificateSerial, certificateSha256, revokedAtMs, reason: revoked.reason },
  });
  const { renewed: crls, kept } = renewCrls(parts, request);
  const own = Buffer.compare(rootDer, certificateOf(authorityFolder, 'root')) === 0;
  const isListed = own && crls.some(({ ca }) => ca === 'root');
  const why = own ? kept.find(({ ca }) => ca === 'root')?.why : undefined;
  const unlisted = isListed ? undefined : (why ?? new StationError('root_elsewhere'));
  return { certificateSerial, revokedAtMs, reason: revoked.reason, crls, unlisted };
}

/** Looked for first: where it is not, no passphrase would be the right one. */
function renewRootCrl(place: CaPlace, passphrase: Secret, days: number): RenewedCrl {
  if (!hasCaKey(place.folder, 'root')) throw new StationError('root_elsewhere');
  const signer = openCaSigner(place, 'root', passphrase);
  try {
    const entries = revokedUnder(place.folder, certificateOf(place.folder, 'root'));
    const { crlNumber, nextUpdateMs } = renewCrl(place, 'root', signer, entries, days);
    return { ca: 'root', crlNumber, revoked: entries.length, nextUpdateMs };
  } finally {
    signer.close();
  }
}

const isOtherPassphrase = (thrown: unknown): boolean =>
  ['passphrase_wrong', 'passphrase_delayed'].includes(asStationError(thrown).code);

/** `crl-set.pem` and one file per CA. Throws `crl_not_current` when a list is missing or over: such a set turns every device away. */
export function crlSetFiles(
  parts: Pick<Parts, 'authority' | 'clock'>,
  authorityFolder: string,
): readonly ExportedFile[] {
  const nowMs = parts.clock.nowMs();
  const stored = storedCrls(authorityFolder, nowMs, CRL_WARNING_MS);
  const lists = stored.flatMap((one) => (one.crlDer === undefined ? [] : [one.crlDer]));
  // A revoked CA's list may be missing or over: its devices are turned away in any case.
  const ofRevoked = stored.flatMap(({ label, ca, crlDer }) =>
    ca === 'issuing' && crlDer !== undefined && parts.authority.byLabel(label).revoked
      ? [crlPem(crlDer)]
      : [],
  );
  const set = crlSetPem(parts.authority.trustBundleDer.toReversed(), lists, nowMs);
  return [
    textFile('crl-set.pem', [set, ...ofRevoked].join('')),
    ...stored.flatMap(({ label, ca, crlDer }) =>
      crlDer === undefined ? [] : [textFile(`${ca}-${label}.crl.pem`, crlPem(crlDer))],
    ),
  ];
}
