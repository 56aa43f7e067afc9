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
/** A large order: what the first thousands cost to compile is not what a batch costs. */
const COUNT = 20_000;
const REFERENCE = 'python3-cryptography';
/** What is wanted of the batch path on one core, as multiples of the reference. */
const WANTED = { verified: 1.5, unverified: 3 } as const;
const ONE_THREAD = 'Keyline, verified, 1 worker thread';
const TWO_THREADS = 'Keyline, verified, 2 worker threads';

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
  const keyline = (name: string, threads: number, verifySignatures: boolean, wanted?: number): Contender =>
    keylineContender(name, folder, { count: COUNT, threads, verifySignatures, wanted });
  return [
    keyline('Keyline, every signature verified', 0, true, WANTED.verified),
    pythonContender(folder, COUNT / 10),
    keyline('Keyline, without that check', 0, false, WANTED.unverified),
    ...(cores > 1 ? [keyline(ONE_THREAD, 1, true), keyline(TWO_THREADS, 2, true)] : []),
    ...(cores > 2 ? [keyline(`Keyline, verified, ${cores} worker threads`, cores, true)] : []),
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
  const of = (name: string, kind: keyof Rate): readonly number[] =>
    (rates.get(name) ?? []).map((rate) => rate[kind]);
  /** Of each round by itself: what slowed the machine down in it slowed down both. */
  const ratio = (name: string, to: string, kind: keyof Rate): string =>
    median(of(name, kind).map((rate, round) => rate / (of(to, kind)[round] ?? Number.NaN))).toFixed(2);
  const cells = (name: string, kind: keyof Rate): readonly string[] => [
    median(of(name, kind)).toFixed(0),
    ratio(name, REFERENCE, kind),
  ];
  printRows(
    `key + client certificate, P-256, inventory commit included; medians of ${ROUNDS} rounds, ratios to ${REFERENCE}`,
    ['', '/s of processor time', 'ratio', 'wanted', '/s wall', 'ratio'],
    contenders.map(({ name, wanted }) =>
      rates.has(name)
        ? [
            name,
            ...cells(name, 'perSecondProcessor'),
            wanted === undefined ? '' : String(wanted),
            ...cells(name, 'perSecondWall'),
          ]
        : [name, 'not on this machine'],
    ),
  );
  if (rates.has(TWO_THREADS)) {
    const scaling = ratio(TWO_THREADS, ONE_THREAD, 'perSecondWall');
    console.log(`  2 worker threads against 1, by the wall clock: ${scaling}`);
  }
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
