// Makes the certificates of one block: key, to-be-signed bytes, signature, the check of that signature. The same code
// runs in this thread or in a worker.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { sha256Hex } from '../../der/fingerprint.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { Profile } from '../../domain/profile.ts';
import { StationError } from '../../domain/stationError.ts';
import { decideNames, decideValidity, type Validity } from '../content.ts';
import { checkNameConstraints } from '../issuing/nameConstraints.ts';
import { checkToBeSigned } from '../lint/lint.ts';
import { assembleSigned, type CaSigner } from '../signing/signer.ts';
import { readCertificate, subjectKeyIdentifierOf } from '../x509/certificate.ts';
import { buildToBeSigned, type CertificateContent } from '../x509/tbsBuilder.ts';
import { deviceKeyMaker } from './deviceKey.ts';
import { OutputLines } from './outputLines.ts';
import type { BatchCertificate, ReservedDevice } from './port.ts';
import { type CertificateTemplate, certificateTemplate } from './template.ts';

export interface BlockPlan {
  readonly profile: Profile;
  /** Decided once for the whole batch. */
  readonly validity: Validity;
  /** Verify every signature after it was made: against faults in memory, which can also give an ECDSA key away. */
  readonly verifySignatures: boolean;
  /** Every so many certificates, one is taken apart again by a reader that shares nothing with the template. */
  readonly recheckEvery: number;
}

export interface IssuedBlock {
  readonly certificates: readonly BatchCertificate[];
  /** The lines for the output, private keys included, lent until the next block is begun: overwrite them after use. */
  readonly output: Uint8Array;
}

/** A block that is being made. */
export interface Block {
  /** Throws `value_invalid`, `name_value_invalid`, `certificate_check_failed`, `signature_check_failed`. */
  add(device: ReservedDevice): void;
  finish(): IssuedBlock;
  /** Overwrites the private keys of a block that will not be finished. */
  discard(): void;
}

export const DEFAULT_RECHECK_EVERY = 1_000;

/** When the certificates of a batch that starts at `nowMs` begin and end. Throws `leaf_outlives_issuer`. */
export function batchValidity(profile: Profile, issuerDer: Uint8Array, nowMs: number): Validity {
  return decideValidity(profile, readCertificate(issuerDer), nowMs);
}

export class BlockIssuer {
  readonly #plan: BlockPlan;
  readonly #signer: CaSigner;
  readonly #issuer: { readonly subjectDer: Uint8Array; readonly subjectKeyIdentifier: Uint8Array };
  readonly #makeKey: ReturnType<typeof deviceKeyMaker>;
  readonly #lines = new OutputLines();
  #template: CertificateTemplate | undefined;
  #made = 0;

  /** Throws `authority_invalid` for an issuer without a key identifier. */
  constructor(plan: BlockPlan, signer: CaSigner) {
    const certificate = readCertificate(signer.certificateDer);
    const subjectKeyIdentifier = subjectKeyIdentifierOf(certificate);
    if (subjectKeyIdentifier === undefined) {
      throw new StationError('authority_invalid', { reason: 'no-key-identifier' });
    }
    this.#plan = plan;
    this.#signer = signer;
    this.#issuer = { subjectDer: certificate.subjectDer, subjectKeyIdentifier };
    this.#makeKey = deviceKeyMaker(plan.profile.keyAlgorithm);
  }

  /** Makes a certificate for each device. Throws as {@link Block.add} does. */
  issue(devices: readonly ReservedDevice[]): IssuedBlock {
    const block = this.begin(devices.length);
    try {
      for (const device of devices) block.add(device);
    } catch (error) {
      block.discard();
      throw error;
    }
    return block.finish();
  }

  /** Begins a block that devices are added to one by one; the block before must have been used. */
  begin(deviceCount: number): Block {
    const certificates: BatchCertificate[] = [];
    const lines = this.#lines;
    lines.restart(deviceCount);
    return {
      add: (device) => {
        const { spki, pkcs8 } = this.#makeKey();
        try {
          const certificate = this.#issueOne(device, spki, pkcs8);
          certificates.push(certificate);
          lines.add(certificate, pkcs8);
        } finally {
          pkcs8.fill(0);
        }
      },
      finish: () => ({ certificates, output: lines.bytes() }),
      discard: () => lines.wipe(),
    };
  }

  #issueOne(device: ReservedDevice, spki: Uint8Array, pkcs8: Uint8Array): BatchCertificate {
    const values = { ...device.values, deviceSerial: device.deviceSerial };
    this.#template ??= this.#compile(device, spki);
    const toBeSigned = this.#template.fill(device.certificateSerial, spki, values);
    const signature = this.#signer.sign(toBeSigned);
    if (this.#plan.verifySignatures && !this.#signer.verify(toBeSigned, signature)) {
      throw new StationError('signature_check_failed', { deviceSerial: device.deviceSerial });
    }
    const certificateDer = assembleSigned(toBeSigned, this.#signer.algorithmDer, signature);
    if (this.#made % this.#plan.recheckEvery === 0)
      this.#recheck(device, toBeSigned, certificateDer, pkcs8, spki);
    this.#made += 1;
    return {
      deviceSerial: device.deviceSerial,
      certificateSerial: device.certificateSerial,
      certificateDer,
      notBeforeMs: this.#plan.validity.notBeforeMs,
      notAfterMs: this.#plan.validity.notAfterMs,
      certificateSha256: sha256Hex(certificateDer),
      publicKeySha256: sha256Hex(spki),
    };
  }

  /** The plain path encodes the first device; its bytes become the template for all. */
  #compile(device: ReservedDevice, spki: Uint8Array): CertificateTemplate {
    const content = this.#content(device, spki);
    const referenceTbs = buildToBeSigned(content, this.#signer);
    this.#check(referenceTbs, content);
    return certificateTemplate(this.#plan.profile, referenceTbs);
  }

  #check(toBeSigned: Uint8Array, content: CertificateContent): void {
    checkToBeSigned(toBeSigned, content, this.#signer, this.#plan.profile.mayOutliveIssuer);
    checkNameConstraints(toBeSigned, this.#signer.certificateDer);
  }

  #content(device: ReservedDevice, spki: Uint8Array): CertificateContent {
    const { profile, validity } = this.#plan;
    const values = { ...device.values, deviceSerial: device.deviceSerial };
    const { subject, altNames } = decideNames(profile, values);
    const certificateSerial: CertificateSerial = device.certificateSerial;
    return {
      certificateSerial,
      issuerNameDer: this.#issuer.subjectDer,
      subject,
      ...validity,
      publicKeySpki: spki,
      extensions: {
        certificateAuthority: undefined,
        keyUsage: profile.keyUsage,
        extendedKeyUsage: profile.extendedKeyUsage,
        authorityKeyIdentifier: this.#issuer.subjectKeyIdentifier,
        altNames,
      },
    };
  }

  #recheck(
    device: ReservedDevice,
    toBeSigned: Uint8Array,
    der: Uint8Array,
    pkcs8: Uint8Array,
    spki: Uint8Array,
  ): void {
    this.#check(toBeSigned, this.#content(device, spki));
    const certificate = new X509Certificate(der);
    const issuer = new X509Certificate(this.#signer.certificateDer);
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    if (!certificate.verify(issuer.publicKey) || !certificate.checkPrivateKey(key)) {
      throw new StationError('signature_check_failed', { deviceSerial: device.deviceSerial });
    }
  }
}
