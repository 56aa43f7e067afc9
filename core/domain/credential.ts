// A device's credential and the only ways its state may change. The states are the durable steps of the issuance
// cycle (docs/issuance-cycle.md).

import type { CertificateSerial } from './certificateSerial.ts';
import type { DeviceSerial } from './device.ts';
import type { CredentialId, RunId, Sha256Hex } from './ids.ts';

export type CredentialState =
  | 'reserved'
  | 'prepared'
  | 'issued'
  | 'installed'
  | 'verified'
  | 'sealed'
  | 'voided'
  | 'revoked';

const NEXT_STATES: Readonly<Record<CredentialState, readonly CredentialState[]>> = {
  reserved: ['prepared', 'voided'],
  prepared: ['issued', 'voided'],
  issued: ['installed', 'revoked'],
  installed: ['verified', 'revoked'],
  verified: ['sealed', 'revoked'],
  sealed: ['revoked'],
  voided: [],
  revoked: [],
};

/** Signed and not revoked: a device has at most one of these. */
export const LIVE_STATES: readonly CredentialState[] = ['issued', 'installed', 'verified', 'sealed'];

export const isLive = (state: CredentialState): boolean => LIVE_STATES.includes(state);

export const mayBecome = (from: CredentialState, to: CredentialState): boolean =>
  NEXT_STATES[from].includes(to);

/** Where the private key has been. */
export type KeyCustody = 'on-device' | 'station-memory' | 'file';

/** RFC 5280 5.3.1, the reasons that a station can know. */
export const REVOCATION_REASONS = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** Who holds the credential: a device, or an edge server named here. */
export type Holder =
  | { readonly kind: 'device'; readonly deviceSerial: DeviceSerial }
  | { readonly kind: 'edge-server'; readonly serverName: string };

export interface Credential {
  readonly credentialId: CredentialId;
  readonly holder: Holder;
  readonly runId: RunId | undefined;
  readonly certificateSerial: CertificateSerial;
  readonly state: CredentialState;
  readonly custody: KeyCustody | undefined;
  readonly profileName: string;
  readonly profileVersion: number;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: Sha256Hex | undefined;
  readonly toBeSigned: Uint8Array | undefined;
  readonly certificateDer: Uint8Array | undefined;
  readonly certificateSha256: Sha256Hex | undefined;
  readonly notBeforeMs: number | undefined;
  readonly notAfterMs: number | undefined;
  /**
   * SHA-256 of each item exactly as the device will store it, recorded before the first byte is sent; that of a password is
   * salted (core/station/provision/recordedDigests.ts).
   */
  readonly storedDigests: StoredDigests | undefined;
  /** Why it was voided or revoked. */
  readonly reason: string | undefined;
  readonly reservedAtMs: number;
  readonly changedAtMs: number;
}

/** The three things that belong to a certificate. */
export type CertificateItem = 'ca' | 'certificate' | 'privateKey';
/** Everything that a device may be given. */
export const CREDENTIAL_ITEMS = ['ca', 'certificate', 'privateKey', 'username', 'password'] as const;
export type CredentialItem = (typeof CREDENTIAL_ITEMS)[number];
/** What nobody but the device may know: wiped after use, and never written down as it is. */
export const isSecretItem = (item: CredentialItem): boolean => item === 'privateKey' || item === 'password';
export type StoredDigests = Readonly<Partial<Record<CredentialItem, Sha256Hex>>>;

/** A credential as it is reserved: before there is a key, let alone a certificate. */
export interface NewCredential {
  readonly credentialId: CredentialId;
  readonly runId: RunId | undefined;
  readonly holder: Holder;
  readonly certificateSerial: CertificateSerial;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly atMs: number;
}

export interface RecordedKey {
  readonly publicKeySha256: Sha256Hex;
  readonly custody: KeyCustody;
  readonly atMs: number;
}

/** The exact content that is about to be signed. */
export interface PreparedContent {
  readonly toBeSigned: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly atMs: number;
}

export interface IssuedContent {
  readonly certificateDer: Uint8Array;
  readonly certificateSha256: Sha256Hex;
  readonly atMs: number;
  /** The holder's credential so far; it is revoked in the same transaction, so that never two are live. */
  readonly supersedes?: CredentialId | undefined;
  /** The device keeps the password that came with `supersedes`: it is not touched. */
  readonly keepsPassword?: boolean;
}
