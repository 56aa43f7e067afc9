// Certificates that look like certificates: every value belongs to a seed, nothing is signed.

import type { CertificateView } from '../schemas/inventory.ts';
import { DAY_MS, hexOf, type World } from './world.ts';

export function certificateOf(
  world: World,
  seed: number,
  values: Partial<CertificateView> = {},
): CertificateView {
  const startMs = Math.floor(world.options.nowMs() / DAY_MS) * DAY_MS - (seed % 90) * DAY_MS;
  const body = hexOf(seed, 31, 640);
  const base64 = (body.match(/.{1,64}/g) ?? []).map((row) =>
    row.replace(/(.)(.)/g, (_, a: string, b: string) => a.toUpperCase() + b),
  );
  return {
    subject: 'CN=KL7-2600000, O=Example',
    issuer: `CN=${world.site} Issuing CA 1, O=${world.site}`,
    certificateSerial: `5${hexOf(seed, 33, 39)}`,
    notBeforeMs: startMs,
    notAfterMs: startMs + 3_650 * DAY_MS,
    keyAlgorithm: 'EC P-256',
    signatureAlgorithm: 'ecdsa-with-SHA256',
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    subjectAltName: [],
    sha256: hexOf(seed, 34, 64),
    publicKeySha256: hexOf(seed, 35, 64),
    pem: `-----BEGIN CERTIFICATE-----\n${base64.join('\n')}\n-----END CERTIFICATE-----\n`,
    ...values,
  };
}
