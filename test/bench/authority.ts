// Certificates per second, key pair included, against the tools that somebody would take instead. All contenders take
// turns, several rounds in one run, and medians are compared: the machine's load then hits all of them alike.
// Run: npm run bench -- authority

import { cpus } from 'node:os';
import { writeCrl } from '../../core/authority/revocation/crlWriter.ts';
import { toPem } from '../../core/der/pem.ts';
import { newCertificateSerial } from '../../core/domain/certificateSerial.ts';
import { systemRandom } from '../support/batchFixture.ts';
import { temporaryFolder } from '../support/openssl.ts';
import { type TestCa, testIssuing, testRoot } from '../support/testAuthority.ts';
import {
  type Contender,
  cfsslContender,
  keylineContender,
  opensslContender,
  pythonContender,
  type Rate,
} from './authority/contenders.ts';
import { median, printRows } from './measure.ts';

const ROUNDS = 5;
const COUNT = 6_000;
const REFERENCE = 'python3-cryptography';

export async function benchAuthority(): Promise<void> {
  const files = temporaryFolder();
  try {
    const ca = testIssuing(testRoot());
    writeCa(files, ca);
    compare(contendersIn(files.folder));
    timeRevocationList(ca);
  } finally {
    files.remove();
  }
}

function writeCa(files: ReturnType<typeof temporaryFolder>, { certificateDer, key }: TestCa): void {
  files.write('ca.der', certificateDer);
  files.write('ca.pem', toPem('CERTIFICATE', certificateDer));
  files.write('ca.key', key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  files.write('ca-sec1.key', key.privateKey.export({ type: 'sec1', format: 'pem' }));
  files.write(
    'leaf.cnf',
    'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  const request = { CN: 'SN-1', key: { algo: 'ecdsa', size: 256 }, names: [{ O: 'Acme' }] };
  files.write('csr.json', JSON.stringify(request));
  const usages = ['digital signature', 'client auth'];
  files.write('cfssl.json', JSON.stringify({ signing: { default: { expiry: '8760h', usages } } }));
}

function contendersIn(folder: string): readonly Contender[] {
  const cores = cpus().length;
  const keyline = (name: string, threads: number, verifySignatures: boolean): Contender =>
    keylineContender(`Keyline, ${name}`, folder, { count: COUNT, threads, verifySignatures });
  return [
    keyline('every signature verified', 0, true),
    pythonContender(folder, COUNT / 4),
    keyline('without that check', 0, false),
    keyline('verified, 1 worker thread', 1, true),
    ...(cores > 1 ? [keyline(`verified, ${cores} worker threads`, cores, true)] : []),
    opensslContender(folder, 20),
    cfsslContender(folder, 20),
  ];
}

function compare(contenders: readonly Contender[]): void {
  const rates = new Map<string, Rate[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run } of contenders) {
      const rate = run();
      if (rate !== undefined) rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  }
  const medianOf = (name: string, of: keyof Rate): number =>
    median((rates.get(name) ?? []).map((rate) => rate[of]));
  const cells = (name: string, of: keyof Rate): readonly string[] => {
    const rate = medianOf(name, of);
    return [rate.toFixed(0), (rate / medianOf(REFERENCE, of)).toFixed(2)];
  };
  printRows(
    `key + client certificate, P-256, inventory commit included; medians of ${ROUNDS} rounds, ratios to ${REFERENCE}`,
    ['', '/s of processor time', 'ratio', '/s wall', 'ratio'],
    contenders.map(({ name }) =>
      rates.has(name)
        ? [name, ...cells(name, 'perSecondProcessor'), ...cells(name, 'perSecondWall')]
        : [name, 'not on this machine'],
    ),
  );
}

function timeRevocationList({ signer }: TestCa): void {
  const entries = Array.from({ length: 100_000 }, () => ({
    certificateSerial: newCertificateSerial(systemRandom),
    revokedAtMs: Date.now(),
    reason: 'superseded' as const,
  }));
  const times = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now();
    const thisUpdateMs = Date.now();
    writeCrl(signer, { crlNumber: 1, thisUpdateMs, nextUpdateMs: thisUpdateMs + 86_400_000, entries });
    return performance.now() - startedMs;
  });
  console.log(`\nrevocation list of 100,000 entries: ${median(times).toFixed(0)} ms`);
}
