// Akamai mTLS Edge Truststore: a CA set is concatenated PEM of root and issuing CAs, no leaves.

import { type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';
import { type CaDemands, checkCa, checkText, limitBroken } from './limits.ts';

const CONSUMER = 'akamai';
const DEMANDS: CaDemands = { consumer: CONSUMER, keys: ['rsa', 'ec'], minRsaBits: 2048 };
const CERTIFICATES_PER_VERSION = 300;
const SET_NAME = /^(?!.*\.\.\.)[A-Za-z0-9_.-]{3,64}$/;

/** The file of one set version; its name is the set's. Throws `trust_limit` where the service would refuse it. */
export function exportAkamai(material: TrustMaterial, setName: string): readonly ExportedFile[] {
  checkText(CONSUMER, 'set-name', setName, SET_NAME);
  const all = [material.rootDer, ...material.issuingDer];
  if (all.length > CERTIFICATES_PER_VERSION) throw limitBroken(CONSUMER, 'certificates', all.length);
  for (const der of all) checkCa(der, material.nowMs, DEMANDS);
  return [textFile(`${setName}.pem`, serverCaPem(material))];
}
