import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importPkcs8 } from '../../../core/authority/encryptedKey.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { isUsablePublicKey, publicKeyAlgorithm } from '../../../core/authority/x509/publicKey.ts';
import { fromHex } from '../../../core/domain/hex.ts';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import type { KeyMaker } from '../../../core/station/ports/keys.ts';

const maker: KeyMaker = new StationKeyMaker();

describe.each(KEY_ALGORITHMS)('a %s key pair', (algorithm) => {
  const pair = maker.generate(algorithm);

  it('has halves that belong together', () => {
    const derived = createPublicKey(importPkcs8(pair.privateKeyPkcs8)).export({
      format: 'der',
      type: 'spki',
    });
    expect(derived.equals(pair.publicKeySpki)).toBe(true);
  });

  it('has the one encoding that is accepted', () => {
    expect(publicKeyAlgorithm(pair.publicKeySpki)).toBe(algorithm);
    expect(isUsablePublicKey(pair.publicKeySpki)).toBe(true);
    expect(publicKeyAlgorithm(pair.publicKeySpki.subarray(0, -1))).toBeUndefined();
    expect(publicKeyAlgorithm(Uint8Array.of(...pair.publicKeySpki, 0))).toBeUndefined();
  });

  it('is new each time, and its private half does not show', () => {
    expect(maker.generate(algorithm).publicKeySpki).not.toEqual(pair.publicKeySpki);
    expect(JSON.stringify(pair.privateKeyPkcs8)).toBe('"[secret]"');
  });

  it('is gone once wiped', () => {
    const { privateKeyPkcs8 } = maker.generate(algorithm);
    const seen = privateKeyPkcs8.use((bytes) => bytes);
    privateKeyPkcs8.wipe();
    expect(seen.every((byte) => byte === 0)).toBe(true);
  });
});

describe('a foreign public key', () => {
  it('of an unknown algorithm has no name', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp521r1' });
    expect(publicKeyAlgorithm(publicKey.export({ format: 'der', type: 'spki' }))).toBeUndefined();
  });

  it('off the curve is not usable', () => {
    const spki = maker.generate('P-256').publicKeySpki.slice();
    spki.fill(0x11, 30);
    expect(publicKeyAlgorithm(spki)).toBe('P-256');
    expect(isUsablePublicKey(spki)).toBe(false);
  });

  it('as a compressed point is not accepted', () => {
    const head = '3039301306072a8648ce3d020106082a8648ce3d030107032200';
    const x = maker.generate('P-256').publicKeySpki.subarray(27, 59);
    expect(publicKeyAlgorithm(Uint8Array.of(...fromHex(head), 2, ...x))).toBeUndefined();
  });
});
