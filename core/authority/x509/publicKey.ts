// Public keys as a SubjectPublicKeyInfo. Each algorithm has exactly one accepted encoding: named curve, uncompressed
// point, nothing after it. What a device sends is signed only if it is that encoding of a real point.

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { childrenOf, encodingInvalid, readBitString, readElement } from '../../der/reader.ts';
import { fromHex, toHex } from '../../domain/hex.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../domain/profile.ts';

interface Encoding {
  /** Everything before the key's own octets (RFC 5480 2, RFC 8410 4). */
  readonly head: Uint8Array;
  /** What follows the key's own octets. */
  readonly tail?: Uint8Array;
  readonly sizeBytes: number;
}

const RSA_EXPONENT = fromHex('0203010001');

const ENCODINGS: Readonly<Record<KeyAlgorithm, Encoding>> = {
  'P-256': { head: fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'), sizeBytes: 91 },
  'P-384': { head: fromHex('3076301006072a8648ce3d020106052b8104002203620004'), sizeBytes: 120 },
  Ed25519: { head: fromHex('302a300506032b6570032100'), sizeBytes: 44 },
  // RFC 8017 A.1.1: a modulus of exactly that many bits (its top octet needs the sign octet) and the exponent 65537.
  'RSA-2048': {
    head: fromHex('30820122300d06092a864886f70d01010105000382010f003082010a0282010100'),
    tail: RSA_EXPONENT,
    sizeBytes: 294,
  },
  'RSA-3072': {
    head: fromHex('308201a2300d06092a864886f70d01010105000382018f003082018a0282018100'),
    tail: RSA_EXPONENT,
    sizeBytes: 422,
  },
};

/** The algorithm of a well-encoded public key; undefined for anything else. */
export function publicKeyAlgorithm(spki: Uint8Array): KeyAlgorithm | undefined {
  return KEY_ALGORITHMS.find((algorithm) => {
    const { head, tail = new Uint8Array(), sizeBytes } = ENCODINGS[algorithm];
    return (
      spki.length === sizeBytes &&
      toHex(spki.subarray(0, head.length)) === toHex(head) &&
      toHex(spki.subarray(sizeBytes - tail.length)) === toHex(tail)
    );
  });
}

/** RFC 5280 4.2.1.2 method 1: SHA-1 over the BIT STRING's octets. A name for the key, not a protection. */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  const [, key] = childrenOf(readElement(spki));
  if (key === undefined) throw encodingInvalid('missing-element', 'public key');
  return Uint8Array.from(createHash('sha1').update(readBitString(key)).digest());
}

/** A SubjectPublicKeyInfo for the crypto library, which throws for what is no key. */
export const importPublicKey = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

/** Whether the crypto library takes the key, which for elliptic curves means that the point is on the curve. */
export function isUsablePublicKey(spki: Uint8Array): boolean {
  try {
    importPublicKey(spki);
    return true;
  } catch {
    return false;
  }
}
