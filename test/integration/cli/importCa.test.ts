// An issuing CA that stands already, taken in at the command line.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ok, refused } from '../../support/cliExpect.ts';
import { hasTool, openssl } from '../../support/openssl.ts';

const hasOpenssl = hasTool('openssl', 'version');

describe.skipIf(!hasOpenssl)('an existing CA', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-import-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is taken in from PKCS#12 and signs; a wrong password is refused', async () => {
    const at = (name: string): string => join(folder, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
    const ca = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(
      'req',
      '-x509',
      ...key,
      ...ca,
      '-days',
      '3660', // the later one counts: a loaded computer makes what it signs seconds later, and that may not outlive it
      '-subj',
      '/CN=Old root',
      '-keyout',
      at('root.key'),
      '-out',
      at('root.pem'),
    );
    openssl(
      'req',
      '-x509',
      ...key,
      ...ca,
      '-CA',
      at('root.pem'),
      '-CAkey',
      at('root.key'),
      '-addext',
      'basicConstraints=critical,CA:TRUE,pathlen:0',
      '-subj',
      '/CN=Old issuing',
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
    );
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      at('ca.key'),
      '-in',
      at('ca.pem'),
      '-certfile',
      at('root.pem'),
      '-passout',
      'pass:old-secret',
      '-out',
      at('ca.p12'),
    );
    const importAs = (password: string) =>
      [
        ['authority', 'import', at('ca.p12'), '--site', 'Plant 8', '--import-passphrase-fd', '0'],
        { data: at('data'), input: `${password}\n` },
      ] as const;
    await refused(...importAs('wrong'), 'passphrase_wrong');
    await ok(...importAs('old-secret'));
    await ok(['issue', 'server', '--name', 'edge.example', '--out', at('edge')], { data: at('data') });
    expect(
      openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        at('root.pem'),
        '-untrusted',
        at('ca.pem'),
        at('edge/server.pem'),
      ),
    ).toContain('OK');
  });
});
