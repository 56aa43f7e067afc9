// The edge server's files as an operator may leave them: lost, mixed up, damaged. A station makes itself a new pair.

import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { edgeFiles } from '../../../core/host/edgeFiles.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { createTestPki } from '../../support/testPki.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-edge-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const filesWith = (passphrase: string) => edgeFiles(folder, Secret.fromText(passphrase), systemRandom);

describe('the edge server’s files', () => {
  test('give the key that belongs to the certificate, and to the passphrase, or none', async () => {
    const files = filesWith('correct horse battery staple');
    expect([files.certificateDer(), files.keyOfCertificate()]).toEqual([undefined, undefined]);
    const server = await (await createTestPki()).server();
    files.writeCertificate(server.certificateDer);
    expect(files.keyOfCertificate()).toBeUndefined();
    files.writeKey(server.privateKeyPkcs8());
    const key = files.keyOfCertificate();
    expect(key && new X509Certificate(server.certificateDer).checkPrivateKey(key)).toBe(true);
    expect(filesWith('another one altogether').keyOfCertificate()).toBeUndefined();
    files.writeKey(new StationKeyMaker().generate('P-256').privateKeyPkcs8);
    expect(files.keyOfCertificate()).toBeUndefined();
  });

  test.each(['server.pem', 'server.key.pem'])('take a damaged %s for none', async (name) => {
    const files = filesWith('correct horse battery staple');
    const server = await (await createTestPki()).server();
    files.writeCertificate(server.certificateDer);
    files.writeKey(server.privateKeyPkcs8());
    for (const content of ['', 'nonsense', randomBytes(100)]) {
      writeFileSync(join(folder, name), content);
      expect(files.keyOfCertificate()).toBeUndefined();
    }
  });
});
