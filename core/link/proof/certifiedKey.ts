// The public key that a certificate names, for comparing it with the one a device holds.

import { X509Certificate } from 'node:crypto';

/** SubjectPublicKeyInfo, DER, of a certificate in DER or PEM. */
export const certifiedKey = (certificate: Uint8Array): Uint8Array =>
  new X509Certificate(Buffer.from(certificate)).publicKey.export({ format: 'der', type: 'spki' });
