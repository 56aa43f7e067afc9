// Cloudflare client certificates with one's own CA: the body of the upload, issuing CA first, then the root. Revocation
// lists are not taken there.

import { chainPem, type ExportedFile, jsonFile, type TrustMaterial } from './files.ts';
import { type CaDemands, checkCa, checkText, limitBroken } from './limits.ts';

const CONSUMER = 'cloudflare';
const DEMANDS: CaDemands = { consumer: CONSUMER, keys: ['rsa', 'ec'], minRsaBits: 2048 };
/** Uploaded CAs per account. */
const MAX_UPLOADS = 5;

/** One upload per issuing CA, each with the root. Throws `trust_limit`. */
export function exportCloudflare(material: TrustMaterial, name: string): readonly ExportedFile[] {
  checkText(CONSUMER, 'name', name, /^[A-Za-z0-9 _.-]{1,64}$/);
  const { issuingDer, rootDer, nowMs } = material;
  if (issuingDer.length > MAX_UPLOADS) throw limitBroken(CONSUMER, 'uploads', issuingDer.length);
  for (const der of [rootDer, ...issuingDer]) checkCa(der, nowMs, DEMANDS);
  return issuingDer.map((der, index) => {
    const suffix = index === 0 ? '' : `-${index + 1}`;
    return jsonFile(`cloudflare-ca${suffix}.json`, {
      ca: true,
      certificates: chainPem({ ...material, issuingDer: [der] }),
      name: `${name}${suffix}`,
    });
  });
}
