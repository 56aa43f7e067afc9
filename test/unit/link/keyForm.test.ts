import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { pem } from '../../../core/der/pemBytes.ts';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import { algorithmsIn, formKey } from '../../../core/link/plan/keyForm.ts';

describe.each(['sec1', 'pkcs8'] as const)('a private key as %s', (form) => {
  test.each(KEY_ALGORITHMS)('%s', (algorithm) => {
    const { publicKeySpki, privateKeyPkcs8 } = new StationKeyMaker().generate(algorithm);
    const formed = () => privateKeyPkcs8.use((der) => formKey(der, form));
    if (!algorithmsIn(form).includes(algorithm)) {
      expect(formed).toThrow(expect.objectContaining({ code: 'capability_missing' }));
      return;
    }
    const { der, label } = formed();
    // OpenSSL reads it as what its label says, and finds the same key in it.
    const text = Buffer.from(pem(label, der)).toString('latin1');
    const found = createPublicKey({ key: text, format: 'pem' }).export({ format: 'der', type: 'spki' });
    expect(found.equals(publicKeySpki)).toBe(true);
    expect(privateKeyPkcs8.use((pkcs8) => pem(label, der).length <= pem('PRIVATE KEY', pkcs8).length)).toBe(
      true,
    );
  });
});

test('hands out a copy, which can be wiped without the key', () => {
  const pkcs8 = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  const before = Buffer.from(pkcs8);
  formKey(pkcs8, 'pkcs8').der.fill(0);
  expect(pkcs8.equals(before)).toBe(true);
});
