// A site's issuing CAs as one authority: each profile's certificates are signed by the CA that is assigned to it. While one
// takes over from another, both are trusted and both revoke.

import { OID } from '../../der/oids.ts';
import { implicit, octetString, oid, sequence } from '../../der/writer.ts';
import type { CertificateRequest, IssuedCertificate, PreparedCertificate } from '../../domain/certificate.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { newCertificateSerial } from '../../domain/certificateSerial.ts';
import type { Profile } from '../../domain/profile.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { type Authority, type AuthorityOptions, openAuthority } from '../authority.ts';
import { StationKeyMaker } from '../keys.ts';
import { revokedCas } from '../revocation/revokedCas.ts';
import { keyIdentifierOfCa, readCertificate } from '../x509/certificate.ts';
import { type CaAssignment, type CaLabel, caFolder, caLabels, readAssignment } from './caFolders.ts';
import { checkNameConstraints } from './nameConstraints.ts';

/** Opens all, locked. Throws `authority_missing`, `authority_invalid`, `issuing_ca_unknown`. */
export function openIssuingCas(options: AuthorityOptions): IssuingCas {
  const labels = caLabels(options.folder);
  const revokedSha256 = new Set(revokedCas(options.folder).map((one) => one.certificateSha256));
  const all = new Map(
    // Without any certificate the first one says what is missing.
    (labels.length === 0 ? ['1'] : labels).map((label) => [
      label,
      openAuthority({ ...options, revokedSha256, folder: caFolder(options.folder, label) }),
    ]),
  );
  return new IssuingCas(options, all, readAssignment(options.folder));
}

/** For a certificate that nobody will sign: whether a profile can be issued, and how large it gets. */
export const STAND_IN_VALUES = {
  deviceSerial: 'SN-1',
  hardwareId: '01',
  site: 'Site',
  order: 'WO-1',
  serverName: 'localhost',
} as const;

export class IssuingCas {
  readonly all: ReadonlyMap<CaLabel, Authority>;
  readonly assignment: CaAssignment;
  readonly #options: AuthorityOptions;
  readonly #preparedBy = new WeakMap<PreparedCertificate, Authority>();

  constructor(options: AuthorityOptions, all: ReadonlyMap<CaLabel, Authority>, assignment: CaAssignment) {
    this.#options = options;
    this.all = all;
    this.assignment = assignment;
    for (const label of [assignment.active, ...Object.values(assignment.profiles)]) this.byLabel(label);
  }

  /** `issuing_ca_unknown` */
  byLabel(label: CaLabel): Authority {
    const found = this.all.get(label);
    if (found === undefined) throw new StationError('issuing_ca_unknown', { name: label });
    return found;
  }

  /** The CA that signs the certificates of a profile. */
  forProfile = (profileName: string): Authority =>
    this.byLabel(this.assignment.profiles[profileName] ?? this.assignment.active);

  get #active(): Authority {
    return this.byLabel(this.assignment.active);
  }

  get rootDer(): Uint8Array {
    return this.#active.rootDer;
  }

  get issuingDer(): Uint8Array {
    return this.#active.issuingDer;
  }

  get notAfterMs(): number {
    return this.#active.notAfterMs;
  }

  get locked(): boolean {
    return this.#active.locked;
  }

  /** Every root and every issuing CA of the site that is not revoked, roots first, each once. */
  get trustBundleDer(): readonly Uint8Array[] {
    const all = [...this.all.values()];
    const trusted = all.filter((one) => !one.revoked);
    const bundle = [...all.map((one) => one.rootDer), ...trusted.map((one) => one.issuingDer)];
    return bundle.filter((der, i) => bundle.findIndex((one) => Buffer.compare(one, der) === 0) === i);
  }

  /** The issuing CA that signed a certificate of this site; the active one where none of them did. */
  issuerOf(certificateDer: Uint8Array): Uint8Array {
    return (this.#issuerOf(certificateDer) ?? this.#active).issuingDer;
  }

  /** Whether a certificate of this site is void because the CA that signed it is revoked. */
  isIssuerRevoked(certificateDer: Uint8Array): boolean {
    return this.#issuerOf(certificateDer)?.revoked === true;
  }

  #issuerOf(certificateDer: Uint8Array): Authority | undefined {
    return [...this.all.values()].find((one) =>
      Buffer.from(certificateDer).includes(Buffer.from(authorityKeyExtension(one.issuingDer))),
    );
  }

  /** Unlocks every CA that a profile may need; all are under one passphrase (or PIN). */
  unlock(passphrase: Secret): void {
    const labels = new Set([this.assignment.active, ...Object.values(this.assignment.profiles)]);
    for (const label of labels) this.byLabel(label).unlock(passphrase);
  }

  lock(): void {
    for (const one of this.all.values()) one.lock();
  }

  reserveCertificateSerial(): CertificateSerial {
    return newCertificateSerial(this.#options.random);
  }

  prepare(request: CertificateRequest, newestIssuedAtMs: number | undefined): PreparedCertificate {
    const authority = this.forProfile(request.profile.name);
    const prepared = authority.prepare(request, newestIssuedAtMs);
    checkNameConstraints(prepared.toBeSigned, authority.issuingDer);
    this.#preparedBy.set(prepared, authority);
    return prepared;
  }

  issue(prepared: PreparedCertificate): IssuedCertificate {
    const authority = this.#preparedBy.get(prepared);
    if (authority === undefined) throw new StationError('prepared_already_used');
    return authority.issue(prepared);
  }

  /**
   * Refuses a profile that its CA could not sign for (name constraints, dates, usages): at the start of the work, not at
   * the four hundredth device. Prepares a certificate with stand-in values and throws what that throws.
   */
  checkProfile(profile: Profile): void {
    const key = new StationKeyMaker().generate(profile.keyAlgorithm);
    key.privateKeyPkcs8.wipe();
    const certificateSerial = this.reserveCertificateSerial();
    this.prepare(
      { profile, certificateSerial, publicKeySpki: key.publicKeySpki, values: STAND_IN_VALUES },
      undefined,
    );
  }
}

/** The AuthorityKeyIdentifier extension that every certificate of a CA holds, as it stands there (RFC 5280 4.2.1.1). */
export function authorityKeyExtension(caDer: Uint8Array): Uint8Array {
  const keyIdentifier = keyIdentifierOfCa(readCertificate(caDer));
  return sequence(oid(OID.authorityKeyIdentifier), octetString(sequence(implicit(0, keyIdentifier))));
}
