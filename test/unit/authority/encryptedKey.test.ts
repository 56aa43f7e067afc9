import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decryptKey, encryptKey, exportPkcs8, PBKDF2_ROUNDS } from '../../../core/authority/encryptedKey.ts';
import { checkPassphrase } from '../../../core/authority/passphrase.ts';
import { childrenOf, readElement, readSmallInteger } from '../../../core/der/reader.ts';
import { integer, NULL, octetString, oid, sequence } from '../../../core/der/writer.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { FEW_ROUNDS, passphrase, random, refusal } from './fixtures.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encrypted = encryptKey(exportPkcs8(privateKey), passphrase(), random, FEW_ROUNDS);

function roundsOf(encryptedDer: Uint8Array): number {
  const down = (bytes: Uint8Array, index: number) => childrenOf(readElement(bytes))[index]?.raw ?? bytes;
  const derivation = down(down(down(encryptedDer, 0), 1), 0);
  return readSmallInteger(readElement(down(down(derivation, 1), 1)));
}

describe('an encrypted key', () => {
  it('opens with its passphrase and is the same key', () => {
    const opened = decryptKey(encrypted, passphrase(), 'x.pem');
    expect(createPublicKey(opened).equals(publicKey)).toBe(true);
  });

  it.each(['', 'x', 'correct horse battery staplf', 'correct horse battery staple '])(
    'stays shut for %j',
    (wrong) => {
      expect(refusal(() => decryptKey(encrypted, passphrase(wrong), 'x.pem'))).toEqual({
        code: 'passphrase_wrong',
        details: { path: 'x.pem' },
      });
    },
  );

  it('takes a passphrase of any script and any bytes', () => {
    for (const text of ['пароль-длинный-1', '\0\0binary\0', 'a'.repeat(500)]) {
      const own = encryptKey(exportPkcs8(privateKey), passphrase(text), random, FEW_ROUNDS);
      expect(decryptKey(own, passphrase(text), '').asymmetricKeyType).toBe('ec');
    }
  });

  it('spends at least 600,000 rounds unless told otherwise', () => {
    expect(PBKDF2_ROUNDS).toBeGreaterThanOrEqual(600_000);
    expect(roundsOf(encryptKey(exportPkcs8(privateKey), passphrase(), random))).toBe(PBKDF2_ROUNDS);
  });

  it('is never twice the same', () => {
    const again = encryptKey(exportPkcs8(privateKey), passphrase(), random, FEW_ROUNDS);
    expect(Buffer.compare(again, encrypted)).not.toBe(0);
  });

  it('does not show the key', () => {
    const scalar = exportPkcs8(privateKey).use((bytes) => Buffer.from(bytes.subarray(36, 68)));
    expect(Buffer.from(encrypted).includes(scalar)).toBe(false);
  });

  const withRounds = (rounds: number) =>
    sequence(
      sequence(
        oid('1.2.840.113549.1.5.13'),
        sequence(
          sequence(oid('1.2.840.113549.1.5.12'), sequence(octetString(new Uint8Array(0)), integer(rounds))),
        ),
      ),
      octetString(new Uint8Array(32)),
    );
  it.each([
    ['an unencrypted key', exportPkcs8(privateKey).use((bytes) => bytes.slice())],
    ['nothing', new Uint8Array(0)],
    ['rubbish', random.bytes(64).fill(0xff, 0, 2)],
    ['trailing bytes', Uint8Array.of(...encrypted, 0)],
  ])('is told from %s', (_, bytes) => {
    expect(refusal(() => decryptKey(bytes, passphrase(), 'x.pem'))).toMatchObject({
      code: 'authority_invalid',
      details: { path: 'x.pem' },
    });
  });

  const form = (scheme: string, derivation: string, prf: string | undefined, cipher: string) =>
    sequence(
      sequence(
        oid(scheme),
        sequence(
          sequence(
            oid(derivation),
            sequence(
              octetString(new Uint8Array(0)),
              integer(1000),
              ...(prf ? [integer(32), sequence(oid(prf), NULL)] : []),
            ),
          ),
          sequence(oid(cipher), octetString(new Uint8Array(16))),
        ),
      ),
      octetString(new Uint8Array(32)),
    );
  const [PBES2, PBKDF2, SHA256, AES] = [
    '1.2.840.113549.1.5.13',
    '1.2.840.113549.1.5.12',
    '1.2.840.113549.2.9',
    '2.16.840.1.101.3.4.1.42',
  ] as const;
  it.each([
    ['the old PBES1', form('1.2.840.113549.1.5.3', PBKDF2, SHA256, AES), '1.2.840.113549.1.5.3'],
    ['scrypt', form(PBES2, '1.3.6.1.4.1.11591.4.11', SHA256, AES), '1.3.6.1.4.1.11591.4.11'],
    ['HMAC-SHA512', form(PBES2, PBKDF2, '1.2.840.113549.2.11', AES), '1.2.840.113549.2.11'],
    ['RC2', form(PBES2, PBKDF2, SHA256, '1.2.840.113549.3.2'), '1.2.840.113549.3.2'],
    ['endless rounds', withRounds(4_000_000_000), '4000000000 rounds'],
  ])('by %s is named as what it is, and not called a wrong passphrase', (_, bytes, what) => {
    expect(refusal(() => decryptKey(bytes, passphrase(), 'x.pem'))).toEqual({
      code: 'authority_invalid',
      details: { path: 'x.pem', reason: 'encryption-unsupported', what },
    });
  });

  it.each([SHA256, undefined])('of another tool with the pseudo-random function %s is tried', (prf) => {
    const bytes = form(PBES2, PBKDF2, prf, AES);
    expect(refusal(() => decryptKey(bytes, passphrase(), 'x.pem')).code).toBe('passphrase_wrong');
  });

  it('that is damaged does not open', () => {
    const damaged = encrypted.slice();
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    expect(refusal(() => decryptKey(damaged, passphrase(), '')).code).toBe('passphrase_wrong');
  });
});

describe('a passphrase', () => {
  it.each(['twelve chars', 'пароль-длинн', 'correct horse battery'])('may be %j', (text) => {
    expect(() => checkPassphrase(Secret.fromText(text))).not.toThrow();
  });

  it.each([
    ['', 'too-short'],
    ['eleven char', 'too-short'],
    ['ключи-ключи', 'too-short'],
    ['aaaaaaaaaaaa', 'repetitive'],
    ['121212121212121212', 'repetitive'],
  ])('may not be %j', (text, reason) => {
    expect(refusal(() => checkPassphrase(Secret.fromText(text)))).toMatchObject({
      code: 'passphrase_weak',
      details: { reason },
    });
  });
});
