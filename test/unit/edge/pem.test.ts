// node:tls passes over what is no certificate in silence; this must not.

import { expect, it } from 'vitest';
import { certificatePem } from '../../../core/edge/pem.ts';
import { createTestPki } from '../../support/testPki.ts';

it('writes a certificate, and only a certificate', async () => {
  const pki = await createTestPki();
  expect(certificatePem(pki.rootDer).trim()).toBe(pki.rootPem.trim());
  expect(() => certificatePem(new Uint8Array(16))).toThrow();
});
