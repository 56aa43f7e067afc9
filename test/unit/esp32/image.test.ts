import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../core/domain/secret.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { espCrc32 } from '../../../core/link/esp32/image/crc32.ts';
import {
  buildSecureCertImage,
  encodeEntries,
  entrySizeBytes,
  findEntry,
  readSecureCertImage,
  TLV_TYPES,
} from '../../../core/link/esp32/image/secureCertImage.ts';
import {
  type StoredEncoding,
  storedCertificate,
  storedPrivateKey,
} from '../../../core/link/esp32/image/storedForm.ts';

// golden/*.bin were written by Espressif's own generators (esp_secure_cert_mgr 2296511, tool 2.6.1; esp-idf-nvs-partition-gen)
// from golden/*.der and golden/*.pk8, keys that guard nothing, and written again later from the same commits to the same bytes.
const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const key = (): Secret => new Secret(Uint8Array.from(golden('device-key.pk8')));

const image = (encoding: StoredEncoding): Uint8Array =>
  buildSecureCertImage(
    {
      ca: storedCertificate(golden('ca.der'), encoding),
      certificate: storedCertificate(golden('device.der'), encoding),
      privateKey: storedPrivateKey(key(), encoding),
    },
    0x2000,
  );

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof StationError
      ? `${error.code} ${error.details.reason ?? ''}`.trim()
      : String(error);
  }
  return 'nothing thrown';
};

describe('esp_secure_cert image', () => {
  it.each(['pem', 'der'] as const)(
    'is what Espressif’s generator writes (%s), then erased flash',
    (encoding) => {
      const built = image(encoding);
      const reference = golden(`secure-cert-${encoding}.bin`);
      expect(Buffer.from(built.subarray(0, reference.length)).equals(reference)).toBe(true);
      expect(built).toHaveLength(0x2000);
      expect(built.subarray(reference.length).every((byte) => byte === 0xff)).toBe(true);
    },
  );

  it('is what Espressif’s generator writes for an RSA key, which goes in as PKCS#1', () => {
    const built = buildSecureCertImage(
      {
        ca: storedCertificate(golden('ca.der'), 'pem'),
        certificate: storedCertificate(golden('rsa-device.der'), 'pem'),
        privateKey: storedPrivateKey(new Secret(Uint8Array.from(golden('rsa-key.pk8'))), 'pem'),
      },
      0x2000,
    );
    const reference = golden('secure-cert-rsa.bin');
    expect(Buffer.from(built.subarray(0, reference.length)).equals(reference)).toBe(true);
    expect(reference.includes('-----BEGIN RSA PRIVATE KEY-----')).toBe(true);
  });

  it('carries checksums and a digest that zlib and a walk of our own confirm', () => {
    const built = Buffer.from(image('pem'));
    const seen: number[] = [];
    let offset = 0;
    while (built.readUInt32LE(offset) === 0xba5eba11) {
      const size = built.readUInt16LE(offset + 10);
      const crcAt = offset + 12 + Math.ceil(size / 16) * 16;
      expect(built.readUInt32LE(crcAt)).toBe(crc32(built.subarray(offset, crcAt), 0xffffffff));
      if (built[offset + 8] === 9) {
        const digest = createHash('sha256').update(built.subarray(0, offset)).digest();
        expect(built.subarray(offset + 12, offset + 44).equals(digest)).toBe(true);
      }
      seen.push(built[offset + 8] ?? -1);
      offset = crcAt + 4;
    }
    expect(seen).toEqual([0, 1, 2, 9]);
  });

  it('stores PEM with one NUL and the key in SEC1 form', () => {
    const entries = readSecureCertImage(image('pem'));
    const text = (type: number) => Buffer.from(findEntry(entries, type)?.data ?? []).toString('latin1');
    expect(text(TLV_TYPES.certificate).endsWith('-----END CERTIFICATE-----\n\0')).toBe(true);
    const certificate = new X509Certificate(text(TLV_TYPES.certificate).slice(0, -1));
    expect(certificate.raw.equals(golden('device.der'))).toBe(true);
    const pem = text(TLV_TYPES.privateKey);
    expect(pem.startsWith('-----BEGIN EC PRIVATE KEY-----\n')).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pem.slice(0, -1)))).toBe(true);
  });

  it('leaves the key out when the device holds it, and still seals with the digest', () => {
    const ca = storedCertificate(golden('ca.der'), 'der');
    const built = buildSecureCertImage({ ca, certificate: ca, privateKey: undefined }, 0x2000);
    expect(readSecureCertImage(built).map((entry) => entry.type)).toEqual([0, 1, 9]);
  });

  it('refuses what does not fit and takes what just fits', () => {
    const ca = new Uint8Array(100);
    const items = (size: number) => ({ ca, certificate: new Uint8Array(size), privateKey: undefined });
    const room = 0x2000 - entrySizeBytes(100) - entrySizeBytes(32);
    expect(buildSecureCertImage(items(room - 16), 0x2000)).toHaveLength(0x2000);
    expect(codeOf(() => buildSecureCertImage(items(room - 15), 0x2000))).toBe('credential_too_large');
  });

  it('refuses a key without a SEC1 form', () => {
    // RFC 8410 10.3: an Ed25519 key in PKCS#8.
    const ed25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
    const pkcs8 = new Secret(Uint8Array.from([...ed25519, ...new Uint8Array(32).fill(7)]));
    expect(codeOf(() => storedPrivateKey(pkcs8, 'pem'))).toBe('capability_missing');
  });

  it('finds one flipped bit anywhere in what it reads back', () => {
    const reference = golden('secure-cert-der.bin');
    fc.assert(
      fc.property(fc.nat(reference.length * 8 - 1), (bit) => {
        const damaged = Uint8Array.from(reference);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const outcome = codeOf(() => {
          // A damaged magic ends the list early, which is how erased flash reads too.
          if (readSecureCertImage(damaged).length === 4) throw new Error('not noticed');
        });
        expect(outcome === 'nothing thrown' || outcome.startsWith('device_answer_invalid')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('reads any bytes at all without falling over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const bytes = Uint8Array.from([0x11, 0xba, 0x5e, 0xba, ...noise]);
        const outcome = codeOf(() => readSecureCertImage(bytes));
        expect(outcome === 'nothing thrown' || outcome.startsWith('device_answer_invalid')).toBe(true);
      }),
    );
  });

  it('takes the last entry of a type', () => {
    const entry = (byte: number) => ({ type: 51, subtype: byte, flags: 0, data: Uint8Array.of(byte) });
    const entries = readSecureCertImage(encodeEntries([entry(0), entry(1)]));
    expect(findEntry(entries, 51)?.data).toEqual(Uint8Array.of(1));
    expect(findEntry(entries, 55)).toBeUndefined();
  });
});

it('counts its checksum as zlib does from the other start value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(espCrc32(bytes)).toBe(crc32(bytes, 0xffffffff));
    }),
  );
});
