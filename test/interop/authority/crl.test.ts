import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { crlPem, crlSetPem } from '../../../core/authority/revocation/crlSet.ts';
import { writeCrl } from '../../../core/authority/revocation/crlWriter.ts';
import { readCertificate } from '../../../core/authority/x509/certificate.ts';
import { toPem, toPemChain } from '../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { toHex } from '../../../core/domain/hex.ts';
import { hasTool, runTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { DAY_MS, testIssuing, testLeaf, testRoot } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);

const root = testRoot();
const issuing = testIssuing(root);
const good = testLeaf(issuing, 'good');
const bad = testLeaf(issuing, 'bad');
const thisUpdateMs = Date.now() - 60_000;
const content = { crlNumber: 4711, thisUpdateMs, nextUpdateMs: thisUpdateMs + 7 * DAY_MS };
const badSerial = toHex(readCertificate(bad.certificateDer).serialBytes);
const issuingCrl = writeCrl(issuing.signer, {
  ...content,
  entries: [{ certificateSerial: badSerial, revokedAtMs: thisUpdateMs, reason: 'keyCompromise' }],
});
const rootCrl = writeCrl(root.signer, { ...content, entries: [] });
const rootFile = files.write('root.pem', toPemChain([root.certificateDer]));
const issuingFile = files.write('issuing.pem', toPemChain([issuing.certificateDer]));
const chainFile = files.write('chain.pem', toPemChain([issuing.certificateDer, root.certificateDer]));
const setFile = files.write(
  'set.pem',
  crlSetPem([issuing.certificateDer, root.certificateDer], [issuingCrl, rootCrl], Date.now()),
);
const onlyIssuingFile = files.write('issuing.crl.pem', crlPem(issuingCrl));

const opensslVerify = (leafDer: Uint8Array, crlFile: string) =>
  runTool('openssl', [
    ...['verify', '-x509_strict', '-crl_check_all', '-CAfile', rootFile, '-untrusted', issuingFile],
    ...['-CRLfile', crlFile, files.write('leaf.pem', toPem('CERTIFICATE', leafDer))],
  ]);

describe.skipIf(!hasTool('openssl', 'version'))('openssl', () => {
  it('reads number, dates, reason and signature of a list', () => {
    const text = toolOutput('openssl', [
      'crl',
      '-in',
      onlyIssuingFile,
      '-CAfile',
      issuingFile,
      '-noout',
      '-text',
    ]);
    expect(text).toContain('verify OK');
    expect(text).toMatch(/X509v3 CRL Number: \n\s+4711/);
    expect(text).toContain('Version 2 (0x1)');
    expect(text).toContain('Key Compromise');
    expect(text).toContain(badSerial.toUpperCase());
  });

  it('lets the good one pass with the set, turns the revoked one away, and everyone without the root list', () => {
    expect(opensslVerify(good.certificateDer, setFile).stdout).toContain('OK');
    expect(opensslVerify(bad.certificateDer, setFile).stderr).toContain('certificate revoked');
    expect(opensslVerify(good.certificateDer, onlyIssuingFile).stderr).toContain(
      'unable to get certificate CRL',
    );
  });

  it('reads a list of 100,000 entries', () => {
    const random = { bytes: (size: number) => randomBytes(size) };
    const entries = Array.from({ length: 100_000 }, () => ({
      certificateSerial: newCertificateSerial(random),
      revokedAtMs: thisUpdateMs,
      reason: 'superseded' as const,
    }));
    const large = files.write('large.pem', crlPem(writeCrl(issuing.signer, { ...content, entries })));
    expect(
      toolOutput('openssl', ['crl', '-in', large, '-CAfile', issuingFile, '-noout', '-crlnumber']),
    ).toContain('crlNumber=0x1267');
  });

  it('reads the distribution point that EMQX asks for as critical', () => {
    const uri = 'http://crl.example/issuing.crl';
    const crl = files.write(
      'idp.pem',
      crlPem(writeCrl(issuing.signer, { ...content, entries: [], distributionPointUri: uri })),
    );
    const text = toolOutput('openssl', ['crl', '-in', crl, '-noout', '-text']);
    expect(text).toMatch(
      /Issuing Distribution Point: critical\s+Full Name:\s+URI:http:\/\/crl\.example\/issuing\.crl/,
    );
  });
});

describe.skipIf(!hasTool('certtool'))('GnuTLS certtool', () => {
  it('verifies a list with its CA', () => {
    const text = toolOutput('certtool', [
      '--verify-crl',
      '--load-ca-certificate',
      issuingFile,
      '--infile',
      onlyIssuingFile,
    ]);
    expect(text).toContain('Verified');
  });

  it('takes the chain', () => {
    const whole = files.write('whole.pem', toPemChain([good.certificateDer, issuing.certificateDer]));
    expect(
      toolOutput('certtool', ['--verify', '--load-ca-certificate', chainFile, '--infile', whole]),
    ).toContain('Verified');
  });
});
