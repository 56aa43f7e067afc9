import 'reflect-metadata';
import { createHash, createPublicKey } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { readCertificationRequest } from '../../../core/link/proof/certificationRequest.ts';
import { DeviceKey } from '../../../core/simulator/proof/deviceKey.ts';

const key = new DeviceKey();
const strict = key.request({ commonName: 'unit-1', nullParameter: false });
const lax = key.request({ commonName: 'unit-1', nullParameter: true });

const reasonOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    if (error instanceof StationError) return `${error.code} ${error.details.reason}`;
    throw error;
  }
  return 'accepted';
};

describe('a certification request from a device', () => {
  it('is a request in the eyes of another implementation, which verifies it', async () => {
    const request = new x509.Pkcs10CertificateRequest(strict);
    expect(request.subject).toBe('CN=unit-1');
    expect(await request.verify()).toBe(true);
  });

  it.each([
    ['without', strict, false],
    ['with', lax, true],
  ] as const)('gives its key %s the NULL parameter of old firmware', (_, der, nullParameter) => {
    const request = readCertificationRequest(der);
    expect(request.nullParameter).toBe(nullParameter);
    expect(Buffer.from(request.publicKeySpki).equals(key.publicKeySpki)).toBe(true);
    expect(
      createPublicKey({ key: Buffer.from(request.publicKeySpki), format: 'der', type: 'spki' })
        .asymmetricKeyType,
    ).toBe('ec');
  });

  it('can be written out as old firmware would have sent it', () => {
    const again = readCertificationRequest(readCertificationRequest(strict).derWithNullParameter);
    expect(again.nullParameter).toBe(true);
    expect(again.publicKeySpki).toEqual(readCertificationRequest(strict).publicKeySpki);
    expect(Buffer.from(readCertificationRequest(lax).derWithNullParameter).equals(lax)).toBe(true);
  });

  it('is refused when signed by another key than it names', () => {
    const spki = Buffer.from(key.publicKeySpki);
    const swapped = Buffer.from(strict);
    Buffer.from(new DeviceKey().publicKeySpki).copy(swapped, swapped.indexOf(spki));
    expect(reasonOf(() => readCertificationRequest(swapped))).toBe('device_answer_invalid signature');
  });

  it('is refused for any changed bit, and never crashes', () => {
    fc.assert(
      fc.property(fc.nat(strict.length * 8 - 1), (bit) => {
        const damaged = Uint8Array.from(strict);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const outcome = reasonOf(() => readCertificationRequest(damaged));
        expect(outcome).toMatch(/^device_answer_invalid/);
      }),
      { numRuns: 400 },
    );
  });

  it('is refused when cut anywhere or followed by more', () => {
    for (let size = 0; size < strict.length; size++) {
      expect(reasonOf(() => readCertificationRequest(strict.subarray(0, size)))).toMatch(
        /^device_answer_invalid/,
      );
    }
    const longer = Buffer.concat([strict, Buffer.of(0)]);
    expect(reasonOf(() => readCertificationRequest(longer))).toMatch(/^device_answer_invalid/);
    expect(reasonOf(() => readCertificationRequest(new Uint8Array(10_000)))).toBe(
      'device_answer_invalid too large',
    );
  });

  it('holds up to noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expect(reasonOf(() => readCertificationRequest(noise))).toMatch(/^device_answer_invalid/);
      }),
    );
  });

  it('is signed over its inner part, which the NULL does not change', () => {
    const inner = (der: Uint8Array) =>
      createHash('sha256')
        .update(der.subarray(4, 4 + 100))
        .digest('hex');
    expect(inner(strict)).toBe(inner(lax));
  });
});
