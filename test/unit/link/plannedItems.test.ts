import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pem } from '../../../core/der/pemBytes.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { parseTarget, type Target } from '../../../core/domain/target.ts';
import { parseZephyrOptions, type ZephyrOptions } from '../../../core/link/zephyr/options.ts';
import { checkSizes, planItems } from '../../../core/link/zephyr/plannedItems.ts';

const targetWith = (options: Record<string, unknown>): Target =>
  parseTarget({ name: 'board', version: 1, title: 'Board', driver: 'zephyr', options }, 'board.json');
const optionsOf = (options: Record<string, unknown> = {}): ZephyrOptions =>
  parseZephyrOptions(targetWith(options));
const sha256 = (...parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex');
const NUL = Uint8Array.of(0);

const caDer = randomBytes(450);
const leafDer = randomBytes(490);
const issuingDer = randomBytes(460);
const keyDer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  format: 'der',
  type: 'pkcs8',
});
const material = () => ({
  caDer,
  chainDer: [leafDer, issuingDer],
  privateKeyPkcs8: new Secret(Uint8Array.from(keyDer)),
});
const plan = (options: Record<string, unknown>, capacityBytes = 1_023) =>
  planItems(material(), optionsOf(options), capacityBytes);
const textOf = (item: { readonly text: Secret } | undefined): string =>
  item?.text.use((bytes) => Buffer.from(bytes).toString('latin1')) ?? '';

describe('target options', () => {
  test('have the defaults of a default build', () => {
    expect(optionsOf()).toMatchObject({
      securityTag: 1,
      credentialBufferSizeBytes: 1_024,
      lineLimitBytes: 255,
      windowBytes: 60,
    });
  });

  test.each([
    [{ securityTag: 2_147_483_648 }, /options\.securityTag/],
    [{ securityTag: -1 }, /options\.securityTag/],
    [{ securityTag: '42' }, /options\.securityTag/],
    [{ format: 'der2' }, /options\.format/],
    [{ speling: 1 }, /speling/],
    [{ chain: 'leaf+issuing', format: 'der' }, /options\.format/],
  ])('%j is refused by name', (options, reason) => {
    expect(() => optionsOf(options)).toThrow(
      expect.objectContaining({
        code: 'target_invalid',
        details: { source: 'board', reason: expect.stringMatching(reason) },
      }),
    );
  });
});

describe('what will be stored', () => {
  test('is DER as it is, unless told otherwise', () => {
    const [key, certificate, ca] = plan({});
    expect([key, certificate, ca].map((item) => item?.item)).toEqual(['privateKey', 'certificate', 'ca']);
    expect([key, certificate, ca].map((item) => item?.format)).toEqual(['bin', 'bin', 'bin']);
    expect(key?.storedSha256).toBe(sha256(keyDer));
    expect(certificate?.storedSha256).toBe(sha256(leafDer));
    expect(ca?.storedSha256).toBe(sha256(caDer));
    expect(textOf(ca)).toBe(caDer.toString('base64'));
    expect(ca?.storedSizeBytes).toBe(450);
  });

  test('is PEM with a NUL where the target wants PEM', () => {
    const [key, certificate] = plan({ format: 'pem' });
    expect(key?.format).toBe('bint');
    expect(key?.storedSha256).toBe(sha256(pem('PRIVATE KEY', keyDer), NUL));
    expect(certificate?.storedSizeBytes).toBe(pem('CERTIFICATE', leafDer).length + 1);
    expect(Buffer.from(textOf(certificate), 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  });

  test('is the PEM text itself where its base64 would not fit the buffer', () => {
    const [, certificate] = planItems(
      { ...material(), chainDer: [randomBytes(700)] },
      optionsOf({ format: 'pem' }),
      1_023,
    );
    expect(certificate?.format).toBe('strt');
    expect(textOf(certificate)).toMatch(/-----END CERTIFICATE-----\n$/);
  });

  test('is leaf and issuing certificate in one PEM where the target wants the chain', () => {
    const [key, certificate] = plan({ chain: 'leaf+issuing' }, 4_095);
    expect(key?.format).toBe('bin');
    expect(certificate?.storedSha256).toBe(
      sha256(pem('CERTIFICATE', leafDer), pem('CERTIFICATE', issuingDer), NUL),
    );
  });

  test('is a SEC1 key where the target wants one', () => {
    const [key] = plan({ privateKeyEncoding: 'sec1', format: 'pem' });
    expect(Buffer.from(textOf(key), 'base64').toString()).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  });

  test('is the certificates alone where the key is on the device', () => {
    const items = planItems({ ...material(), privateKeyPkcs8: undefined }, optionsOf(), 1_023);
    expect(items.map(({ item }) => item)).toEqual(['certificate', 'ca']);
  });

  test('needs a leaf and, for a chain, the issuing certificate', () => {
    for (const chainDer of [[], [leafDer]]) {
      expect(() =>
        planItems({ ...material(), chainDer }, optionsOf({ chain: 'leaf+issuing' }), 4_095),
      ).toThrow(expect.objectContaining({ code: 'value_invalid' }));
    }
  });
});

describe('what does not fit', () => {
  const sizes = { caDerSizeBytes: 450, certificateDerMaxSizeBytes: 500, privateKeyPkcs8SizeBytes: 138 };

  test('is refused by its sizes, before anything is signed', () => {
    expect(() => checkSizes(sizes, optionsOf(), 1_023)).not.toThrow();
    expect(() => checkSizes(sizes, optionsOf({ format: 'pem' }), 1_023)).not.toThrow();
    expect(() => checkSizes({ ...sizes, certificateDerMaxSizeBytes: 768 }, optionsOf(), 1_023)).toThrow(
      expect.objectContaining({
        code: 'credential_too_large',
        details: { item: 'certificate', sizeBytes: 1_024, limitBytes: 1_023 },
      }),
    );
    expect(() => checkSizes(sizes, optionsOf({ chain: 'leaf+issuing' }), 1_023)).toThrow(
      expect.objectContaining({ code: 'credential_too_large' }),
    );
  });

  test('foretells exactly what planning then needs', () => {
    for (const format of ['der', 'pem']) {
      const options = optionsOf({ format });
      for (let sizeBytes = 400; sizeBytes < 900; sizeBytes += 1) {
        const judge = (attempt: () => unknown): boolean => {
          try {
            attempt();
            return true;
          } catch {
            return false;
          }
        };
        const foretold = judge(() =>
          checkSizes({ ...sizes, certificateDerMaxSizeBytes: sizeBytes }, options, 1_023),
        );
        const planned = judge(() =>
          planItems({ ...material(), chainDer: [new Uint8Array(sizeBytes)] }, options, 1_023),
        );
        expect(`${format} ${sizeBytes} ${foretold}`).toBe(`${format} ${sizeBytes} ${planned}`);
      }
    }
  });
});
