// What reading and writing PKCS#12 files (RFC 7292) have in common: their names, and the key derivation of appendix B, which is
// old, but every file's MAC is keyed with it.

import { createHash } from 'node:crypto';

/** The object identifiers of RFC 7292 and of the PKCS#7 contents in it (RFC 2315). */
export const PKCS12_OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/** What a derived octet is for. */
export const KDF_PURPOSE = { encryptionKey: 1, initialVector: 2, macKey: 3 } as const;

const HASH_SIZES = { sha1: [20, 64], sha256: [32, 64], sha384: [48, 128], sha512: [64, 128] } as const;
export type KdfHash = keyof typeof HASH_SIZES;

/** RFC 7292 B.1: UTF-16, big-endian, with a zero character at the end. */
export function bmpPassword(text: string): Uint8Array {
  const bytes = Buffer.from(`${text}\u0000`, 'utf16le');
  return bytes.swap16();
}

/** Derives `sizeBytes` octets. `password` is that of {@link bmpPassword}. */
export function pkcs12Derive(
  hash: KdfHash,
  purpose: number,
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  sizeBytes: number,
): Uint8Array {
  const [hashSize, blockSize] = HASH_SIZES[hash];
  const input = Buffer.concat([repeated(salt, blockSize), repeated(password, blockSize)]);
  const diversifier = Buffer.alloc(blockSize, purpose);
  const output = new Uint8Array(sizeBytes);
  for (let offset = 0; offset < sizeBytes; offset += hashSize) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < rounds; round += 1) digest = createHash(hash).update(digest).digest();
    output.set(digest.subarray(0, sizeBytes - offset), offset);
    const addend = repeated(digest, blockSize).subarray(0, blockSize);
    for (let block = 0; block < input.length; block += blockSize) addPlusOne(input, block, addend);
  }
  return output;
}

/** `bytes` over and over, up to a multiple of `blockSize`; nothing stays nothing. */
function repeated(bytes: Uint8Array, blockSize: number): Uint8Array {
  const size = Math.ceil(bytes.length / blockSize) * blockSize;
  return Uint8Array.from({ length: size }, (_, index) => bytes[index % bytes.length] ?? 0);
}

/** One block of `input` plus `addend` plus one, modulo its size. */
function addPlusOne(input: Uint8Array, start: number, addend: Uint8Array): void {
  let carry = 1;
  for (let index = addend.length - 1; index >= 0; index -= 1) {
    const sum = (input[start + index] ?? 0) + (addend[index] ?? 0) + carry;
    input[start + index] = sum & 0xff;
    carry = sum >> 8;
  }
}
