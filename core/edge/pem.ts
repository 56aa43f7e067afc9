// Certificates as node:tls wants them.

import { X509Certificate } from 'node:crypto';

/** A certificate in DER as PEM; throws when the bytes are no certificate, which node:tls would pass over silently. */
export const certificatePem = (der: Uint8Array): string => new X509Certificate(der).toString();
