// Certificates per second, key pair included, against the tools that somebody would take instead. All contenders take
// turns, several rounds in one run, and medians are compared: the machine's load then hits all of them alike.
// Run: npm run bench -- authority

import { cpus } from 'node:os';
import { toPem } from '../../core/authority/der/pem.ts';
import { writeCrl } from '../../core/authority/revocation/crlWriter.ts';
import { newCertificateSerial } from '../../core/domain/certificateSerial.ts';
import { systemRandom } from '../support/batchFixture.ts';
import { temporaryFolder } from '../support/openssl.ts';
import { testIssuing, testRoot } from '../support/testAuthority.ts';
import {
  cfsslContender,
  keylineContender,
  opensslContender,
  pythonContender,
  type Rate,
} from './authority/contenders.ts';
import { median } from './measure.ts';

const ROUNDS = 5;
const COUNT = 4000;

export async function benchAuthority(): Promise<void> {
  const files = temporaryFolder();
  try {
    const ca = testIssuing(testRoot());
    files.write('ca.pem', toPem('CERTIFICATE', ca.certificateDer));
    files.write('ca.key', ca.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    files.write('ca-sec1.key', ca.key.privateKey.export({ type: 'sec1', format: 'pem' }));
    files.write(
      'leaf.cnf',
      'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
    );
    files.write(
      'csr.json',
      JSON.stringify({ CN: 'SN-1', key: { algo: 'ecdsa', size: 256 }, names: [{ O: 'Acme' }] }),
    );
    files.write(
      'cfssl.json',
      JSON.stringify({
        signing: { default: { expiry: '8760h', usages: ['digital signature', 'client auth'] } },
      }),
    );

    const threads = cpus().length;
    const contenders = [
      keylineContender('Keyline, every signature verified', files.folder, ca, {
        count: COUNT,
        verifySignatures: true,
        threads: 0,
      }),
      keylineContender('Keyline, without that check', files.folder, ca, {
        count: COUNT,
        verifySignatures: false,
        threads: 0,
      }),
      keylineContender(`Keyline, verified, ${threads} threads`, files.folder, ca, {
        count: COUNT * 2,
        verifySignatures: true,
        threads,
      }),
      pythonContender(files.folder, COUNT / 2),
      opensslContender(files.folder, 20),
      cfsslContender(files.folder, 20),
    ];
    const rates = new Map<string, Rate[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contender of contenders) {
        const rate = await contender.run();
        if (rate !== undefined) rates.set(contender.name, [...(rates.get(contender.name) ?? []), rate]);
      }
    }
    const python = median(rates.get('python3-cryptography')?.map((rate) => rate.perSecondWall) ?? []);
    const pythonProcessor = median(
      rates.get('python3-cryptography')?.map((rate) => rate.perSecondProcessor ?? Number.NaN) ?? [],
    );
    console.log(
      `key + client certificate, P-256, medians of ${ROUNDS} rounds; ratios to python3-cryptography`,
    );
    for (const { name } of contenders) {
      const found = rates.get(name);
      if (found === undefined) {
        console.log(`${name.padEnd(36)} not on this machine`);
        continue;
      }
      const wall = median(found.map((rate) => rate.perSecondWall));
      const processor = median(found.map((rate) => rate.perSecondProcessor ?? Number.NaN));
      console.log(
        `${name.padEnd(36)} ${wall.toFixed(0).padStart(7)}/s wall (${(wall / python).toFixed(2)})` +
          (Number.isNaN(processor)
            ? ''
            : ` ${processor.toFixed(0).padStart(7)}/s of processor time (${(processor / pythonProcessor).toFixed(2)})`),
      );
    }
    const entries = Array.from({ length: 100_000 }, () => ({
      certificateSerial: newCertificateSerial(systemRandom),
      revokedAtMs: Date.now(),
      reason: 'superseded' as const,
    }));
    const times = Array.from({ length: ROUNDS }, () => {
      const startedMs = performance.now();
      writeCrl(ca.signer, {
        crlNumber: 1,
        thisUpdateMs: Date.now(),
        nextUpdateMs: Date.now() + 86_400_000,
        entries,
      });
      return performance.now() - startedMs;
    });
    console.log(`revocation list of 100,000 entries      ${median(times).toFixed(0)} ms`);
  } finally {
    files.remove();
  }
}
