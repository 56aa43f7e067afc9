import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importCa } from '../../../core/authority/import/caImport.ts';
import { readPkcs12 } from '../../../core/authority/import/pkcs12.ts';
import { toPemChain } from '../../../core/der/pem.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { hasTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { testIssuing, testRoot } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);
const root = testRoot();
const issuing = testIssuing(root);
files.write('issuing.pem', toPemChain([issuing.certificateDer]));
files.write('root.pem', toPemChain([root.certificateDer]));
files.write('key.pem', issuing.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const PASSWORD = 'Größe 42 ✓';

const FORMS = [
  ['as openssl 3 writes by default', []],
  [
    'with triple DES throughout',
    ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  ],
  [
    'with AES-128 and a SHA-512 MAC',
    ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512'],
  ],
  ['with certificates in the clear', ['-certpbe', 'NONE']],
] as const;

describe.skipIf(!hasTool('openssl', 'version'))('a PKCS#12 file made by openssl', () => {
  const make = (options: readonly string[]): Uint8Array => {
    toolOutput(
      'openssl',
      [
        'pkcs12',
        '-export',
        '-inkey',
        'key.pem',
        '-in',
        'issuing.pem',
        '-certfile',
        'root.pem',
        '-out',
        'ca.p12',
        '-passout',
        `pass:${PASSWORD}`,
        ...options,
      ],
      { cwd: files.folder },
    );
    return readFileSync(path.join(files.folder, 'ca.p12'));
  };

  it.each(FORMS)('%s is imported, and only with its password', (_, options) => {
    const file = make(options);
    const imported = importCa({ files: [file], passphrase: Secret.fromText(PASSWORD), nowMs: Date.now() });
    expect(imported.key.equals(issuing.key.privateKey)).toBe(true);
    expect(imported.chainDer).toHaveLength(2);
    expect(() => readPkcs12(file, Secret.fromText('wrong'))).toThrow('passphrase_wrong');
  });

  it('is refused when it is damaged anywhere', () => {
    const file = make([]);
    for (let at = 0; at < file.length; at += 97) {
      const damaged = Uint8Array.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0x11;
      expect(() => readPkcs12(damaged, Secret.fromText(PASSWORD))).toThrow(
        /passphrase_wrong|encoding_invalid|authority_invalid/,
      );
    }
  });

  it('without a MAC is refused', () => {
    expect(() => readPkcs12(make(['-nomac']), Secret.fromText(PASSWORD))).toThrow('no-mac');
  });
});
