// The part that decides on and signs certificates. A signature needs a token that only `prepare` makes, works once, and
// stands for bytes that were checked; nothing else reaches the issuing CA's key.

import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '../der/fingerprint.ts';
import type { CertificateRequest, IssuedCertificate, PreparedCertificate } from '../domain/certificate.ts';
import { type CertificateSerial, newCertificateSerial } from '../domain/certificateSerial.ts';
import type { Profile } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { type Chain, readChain } from './chain.ts';
import { decideNames, decideValidity } from './content.ts';
import { type CaPlace, type ClosableSigner, openCaSigner } from './issuing/caSigner.ts';
import { checkToBeSigned } from './lint/lint.ts';
import { assembleSigned, type CaSigner, signStructure } from './signing/signer.ts';
import { publicKeyAlgorithm } from './x509/publicKey.ts';
import { buildToBeSigned, type CertificateContent } from './x509/tbsBuilder.ts';

export interface AuthorityOptions extends CaPlace {
  /** Locks itself when nothing was signed for so long; never unless told. */
  readonly lockAfterIdleMs?: number | undefined;
  /** Fingerprints of the issuing CAs that sign nothing more. */
  readonly revokedSha256?: ReadonlySet<string> | undefined;
}

/** Opens an authority, locked. Does not touch any key. Throws `authority_missing`, `authority_invalid`. */
export function openAuthority(options: AuthorityOptions): Authority {
  return new Authority(options, readChain(options.folder));
}

export class Authority {
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  /** When leaves can no longer be issued: the earlier end of the two CAs. */
  readonly notAfterMs: number;
  /** It signs no certificate and no manifest any more, only its own revocation list. */
  readonly revoked: boolean;
  readonly #options: AuthorityOptions;
  readonly #chain: Chain;
  /** Prepared and not yet used, each with a copy of its bytes that nobody else can reach. */
  readonly #tokens = new WeakMap<PreparedCertificate, Uint8Array>();
  #signer: ClosableSigner | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: AuthorityOptions, chain: Chain) {
    this.#options = options;
    this.#chain = chain;
    this.rootDer = chain.root.der;
    this.issuingDer = chain.issuing.der;
    this.notAfterMs = chain.validity.notAfterMs;
    this.revoked = options.revokedSha256?.has(sha256Hex(this.issuingDer)) === true;
  }

  get locked(): boolean {
    return this.#signer === undefined;
  }

  /**
   * Opens the issuing CA's key and keeps it until {@link lock}. Blocks for the key file's rounds, about 0.2 s. For a key on
   * a token the passphrase is its PIN. Throws `passphrase_wrong`, `passphrase_delayed`, `authority_missing`, or
   * `authority_invalid` when the key is another CA's.
   */
  unlock(passphrase: Secret): void {
    this.lock();
    this.#signer = openCaSigner(this.#options, 'issuing', passphrase);
    this.#restartIdle();
  }

  /** Forgets the key. */
  lock(): void {
    clearTimeout(this.#idle);
    this.#signer?.close();
    this.#signer = undefined;
  }

  /** The unlocked key, for certificates and manifests; `issuing_ca_revoked`, `authority_locked`. */
  get signer(): CaSigner {
    this.#checkNotRevoked();
    if (this.#signer === undefined) throw new StationError('authority_locked');
    return this.#signer;
  }

  #restartIdle(): void {
    const { lockAfterIdleMs } = this.#options;
    if (lockAfterIdleMs === undefined) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.lock(), lockAfterIdleMs).unref();
  }

  reserveCertificateSerial(): CertificateSerial {
    return newCertificateSerial(this.#options.random);
  }

  /**
   * Decides the content, encodes it, and checks the bytes. Throws `issuing_ca_revoked`, `clock_behind`, `authority_invalid` for an expired CA,
   * `value_invalid`, `name_value_invalid`, `leaf_outlives_issuer`, `certificate_check_failed`. Works while locked.
   */
  prepare(request: CertificateRequest, newestIssuedAtMs: number | undefined): PreparedCertificate {
    const { profile, publicKeySpki } = request;
    const nowMs = this.#options.clock.nowMs();
    this.#checkNotRevoked();
    this.#checkClock(nowMs, newestIssuedAtMs);
    checkPublicKey(publicKeySpki, profile);
    const { scheme, issuing, keyIdentifier, validity } = this.#chain;
    const { subject, altNames } = decideNames(profile, request.values);
    const content: CertificateContent = {
      certificateSerial: request.certificateSerial,
      issuerNameDer: issuing.subjectDer,
      subject,
      ...decideValidity(profile, validity, nowMs),
      publicKeySpki,
      extensions: {
        certificateAuthority: undefined,
        keyUsage: profile.keyUsage,
        extendedKeyUsage: [...new Set(profile.extendedKeyUsage)],
        authorityKeyIdentifier: keyIdentifier,
        altNames,
      },
    };
    const toBeSigned = buildToBeSigned(content, scheme);
    const signer = { algorithmDer: scheme.algorithmDer, certificateDer: this.issuingDer };
    checkToBeSigned(toBeSigned, content, signer, profile.mayOutliveIssuer);
    const prepared: PreparedCertificate = Object.freeze({
      // Not slice(): a Buffer's shares its memory.
      toBeSigned: Uint8Array.from(toBeSigned),
      publicKeySha256: sha256Hex(publicKeySpki),
      notBeforeMs: content.notBeforeMs,
      notAfterMs: content.notAfterMs,
      maxCertificateSizeBytes: assembleSigned(
        toBeSigned,
        scheme.algorithmDer,
        new Uint8Array(scheme.maxSignatureSizeBytes),
      ).length,
    });
    this.#tokens.set(prepared, toBeSigned);
    return prepared;
  }

  /**
   * Signs what was prepared, once: the token is spent whatever happens. Throws `prepared_already_used` (also for an object
   * that this authority did not make), `authority_locked`, `signature_check_failed`.
   */
  issue(prepared: PreparedCertificate): IssuedCertificate {
    const toBeSigned = this.#tokens.get(prepared);
    if (!toBeSigned) throw new StationError('prepared_already_used');
    this.#tokens.delete(prepared);
    const certificateDer = signStructure(this.signer, toBeSigned, 'certificate');
    this.#restartIdle();
    if (!isReadable(certificateDer)) throw new StationError('signature_check_failed');
    return { certificateDer, certificateSha256: sha256Hex(certificateDer), issuingDer: this.issuingDer };
  }

  #checkNotRevoked(): void {
    if (this.revoked) throw new StationError('issuing_ca_revoked');
  }

  #checkClock(nowMs: number, newestIssuedAtMs: number | undefined): void {
    const { notBeforeMs, notAfterMs } = this.#chain.validity;
    if (newestIssuedAtMs !== undefined && nowMs < newestIssuedAtMs) {
      throw new StationError('clock_behind', {
        nowMs,
        earliestMs: newestIssuedAtMs,
        since: 'newest-certificate',
      });
    }
    if (nowMs < notBeforeMs) {
      throw new StationError('clock_behind', { nowMs, earliestMs: notBeforeMs, since: 'issuing-ca' });
    }
    if (nowMs > notAfterMs) {
      throw new StationError('authority_invalid', {
        path: this.#options.folder,
        reason: 'expired',
        nowMs,
        notAfterMs,
      });
    }
  }
}

function checkPublicKey(publicKeySpki: Uint8Array, { keyAlgorithm }: Profile): void {
  const found = publicKeyAlgorithm(publicKeySpki);
  if (found !== keyAlgorithm) {
    const rule = 'public-key-algorithm';
    throw new StationError('certificate_check_failed', {
      rule,
      expected: keyAlgorithm,
      found: found ?? 'unknown',
    });
  }
}

function isReadable(certificateDer: Uint8Array): boolean {
  try {
    return Buffer.compare(new X509Certificate(certificateDer).raw, certificateDer) === 0;
  } catch {
    return false;
  }
}
