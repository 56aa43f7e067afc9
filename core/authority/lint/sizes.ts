// What a profile costs a device: bytes of the certificate, of the handshake, and of flash. Estimates, for the profile page.

import type { KeyAlgorithm } from '../../domain/profile.ts';

/** Matter's limit for a certificate (connectedhomeip, kMax_x509_Certificate_Length). */
export const MATTER_LIMIT_BYTES = 600;
/** What small modems and the smallest credential stores hold. */
export const SMALL_STORE_LIMIT_BYTES = 1024;

export interface ProfileSizes {
  readonly certificateBytes: number;
  /** Written by the device in a TLS 1.3 handshake with client authentication, record headers included. */
  readonly handshakeLeafBytes: number;
  readonly handshakeChainBytes: number;
  /** Leaf, issuing CA, root and PKCS#8 key as DER. */
  readonly flashBytes: number;
  readonly warnings: readonly ('over-600' | 'over-1024')[];
}

/** Measured: what a device writes in a handshake where only the server shows a certificate. */
const SERVER_ONLY_BYTES = 337;
/** Certificate and CertificateVerify messages without certificate and signature: headers, lengths, tags. */
const CLIENT_OVERHEAD_BYTES = 43;
const CHAIN_ENTRY_BYTES = 5;

const KEY_SIZES: Readonly<Record<string, { readonly signature: number; readonly pkcs8: number }>> = {
  'P-256': { signature: 71, pkcs8: 138 },
  'P-384': { signature: 103, pkcs8: 185 },
  Ed25519: { signature: 64, pkcs8: 48 },
  'RSA-2048': { signature: 256, pkcs8: 1218 },
  'RSA-3072': { signature: 384, pkcs8: 1794 },
};

/** Sizes in bytes, from the DER sizes of the three certificates. */
export function profileSizes(
  keyAlgorithm: KeyAlgorithm,
  sizes: { readonly leafBytes: number; readonly issuingBytes: number; readonly rootBytes: number },
): ProfileSizes {
  const key = KEY_SIZES[keyAlgorithm] ?? { signature: 0, pkcs8: 0 };
  const handshakeLeafBytes = SERVER_ONLY_BYTES + CLIENT_OVERHEAD_BYTES + key.signature + sizes.leafBytes;
  return {
    certificateBytes: sizes.leafBytes,
    handshakeLeafBytes,
    handshakeChainBytes: handshakeLeafBytes + CHAIN_ENTRY_BYTES + sizes.issuingBytes,
    flashBytes: sizes.leafBytes + sizes.issuingBytes + sizes.rootBytes + key.pkcs8,
    warnings: [
      ...(sizes.leafBytes > MATTER_LIMIT_BYTES ? (['over-600'] as const) : []),
      ...(sizes.leafBytes > SMALL_STORE_LIMIT_BYTES ? (['over-1024'] as const) : []),
    ],
  };
}
