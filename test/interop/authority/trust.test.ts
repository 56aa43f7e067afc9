import { afterAll, describe, expect, it } from 'vitest';
import { exportAwsIotRegistration } from '../../../core/authority/trust/awsIot.ts';
import { deliveryManifest } from '../../../core/authority/trust/deliveryManifest.ts';
import { toPemChain } from '../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { systemRandom } from '../../support/batchFixture.ts';
import { hasTool, runTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { testIssuing, testLeaf, testRoot } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);
const root = testRoot();
const issuing = testIssuing(root);
const leaf = testLeaf(issuing, 'SN-1');

describe.skipIf(!hasTool('openssl', 'version'))('openssl alone', () => {
  it('checks a delivery manifest, and notices one changed byte', () => {
    const exported = deliveryManifest({
      devices: [{ deviceSerial: 'SN-1', certificateDer: leaf.certificateDer }],
      signer: issuing.signer,
      chainDer: [root.certificateDer],
    });
    for (const file of exported) files.write(file.fileName, file.bytes);
    const cwd = files.folder;
    files.write(
      'signer.pub',
      toolOutput('openssl', ['x509', '-in', 'manifest-signer.pem', '-pubkey', '-noout'], { cwd }),
    );
    const check = ['dgst', '-sha256', '-verify', 'signer.pub', '-signature', 'manifest.sig', 'manifest.csv'];
    expect(toolOutput('openssl', check, { cwd })).toContain('Verified OK');
    files.write('manifest.csv', Buffer.concat([exported[0]?.bytes ?? Buffer.alloc(0), Buffer.from('x')]));
    expect(runTool('openssl', check, { cwd }).status).not.toBe(0);
  });

  it('accepts the verification certificate strictly', () => {
    const request = {
      code: 'abcdef0123456789',
      signer: issuing.signer,
      certificateSerial: newCertificateSerial(systemRandom),
      nowMs: Date.now(),
    };
    const verification = exportAwsIotRegistration(request).find(
      (one) => one.fileName === 'aws-verification.pem',
    );
    const rootFile = files.write('root.pem', toPemChain([root.certificateDer]));
    const issuingFile = files.write('issuing.pem', toPemChain([issuing.certificateDer]));
    const leafFile = files.write('verification.pem', verification?.bytes ?? '');
    expect(
      toolOutput('openssl', [
        'verify',
        '-x509_strict',
        '-CAfile',
        rootFile,
        '-untrusted',
        issuingFile,
        leafFile,
      ]),
    ).toContain('OK');
    expect(
      toolOutput('openssl', ['x509', '-in', leafFile, '-noout', '-subject', '-nameopt', 'RFC2253']),
    ).toContain('CN=abcdef0123456789');
  });
});
