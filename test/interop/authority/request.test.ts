import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRequest } from '../../../core/authority/request/requestReader.ts';
import { nameForDisplay } from '../../../core/authority/x509/name.ts';
import { hasTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';

const files = temporaryFolder();
afterAll(files.remove);

const KEYS: readonly (readonly [name: string, algorithm: readonly string[]])[] = [
  ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']],
  ['Ed25519', ['ed25519']],
  ['RSA', ['rsa:2048']],
];

describe.skipIf(!hasTool('openssl', 'version'))('a request made by openssl', () => {
  it.each(KEYS)('with a new %s key is read', (_, algorithm) => {
    toolOutput(
      'openssl',
      [
        ...['req', '-new', '-newkey', ...algorithm, '-nodes', '-keyout', 'key.pem', '-out', 'request.pem'],
        ...[
          '-subj',
          '/O=Acme/CN=SN-1',
          '-addext',
          'subjectAltName=DNS:edge.example',
          '-addext',
          'keyUsage=digitalSignature',
        ],
      ],
      { cwd: files.folder },
    );
    const request = readRequest(readFileSync(path.join(files.folder, 'request.pem')));
    expect(nameForDisplay(request.subjectDer)).toBe('O=Acme, CN=SN-1');
    expect(request.requestedExtensions.length).toBeGreaterThanOrEqual(2);
  });

  it('with a 1,024-bit RSA key is refused', () => {
    toolOutput(
      'openssl',
      [
        'req',
        '-new',
        '-newkey',
        'rsa:1024',
        '-nodes',
        '-keyout',
        'weak.pem',
        '-out',
        'weak.csr',
        '-subj',
        '/CN=x',
      ],
      {
        cwd: files.folder,
      },
    );
    expect(() => readRequest(readFileSync(path.join(files.folder, 'weak.csr')))).toThrow('rsa-1024');
  });
});
