// Key pairs for devices, fast. For P-256 and P-384, Node's ECDH object hands the raw numbers out three times faster than
// a key pair exported as DER; the DER around them is constant. Other keys are made the ordinary way.

import { createECDH, type ECDH, generateKeyPairSync } from 'node:crypto';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import { OID } from '../der/oids.ts';
import { bitString, explicit, integer, octetString, oid, sequence } from '../der/writer.ts';

export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** PKCS#8 (RFC 5958), DER, not encrypted; whoever receives it overwrites it after use. */
  readonly pkcs8: Uint8Array;
}

/** Makes one key pair after another. */
export type DeviceKeyMaker = () => DeviceKey;

const CURVES = {
  'P-256': { node: 'prime256v1', oid: OID.prime256v1, scalarSizeBytes: 32 },
  'P-384': { node: 'secp384r1', oid: OID.secp384r1, scalarSizeBytes: 48 },
} as const;

/** The maker for one algorithm; it holds nothing of the keys that it made. */
export function deviceKeyMaker(algorithm: KeyAlgorithm): DeviceKeyMaker {
  if (algorithm === 'P-256' || algorithm === 'P-384') return ellipticKeyMaker(CURVES[algorithm]);
  return () => {
    const { publicKey, privateKey } =
      algorithm === 'Ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: algorithm === 'RSA-2048' ? 2048 : 3072 });
    return {
      spki: publicKey.export({ type: 'spki', format: 'der' }),
      pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }),
    };
  };
}

function ellipticKeyMaker(curve: (typeof CURVES)[keyof typeof CURVES]): DeviceKeyMaker {
  const algorithm = sequence(oid(OID.ecPublicKey), oid(curve.oid));
  const ecdh: ECDH = createECDH(curve.node);
  return () => {
    const point = ecdh.generateKeys();
    const scalar = ecdh.getPrivateKey();
    const { pkcs8, spki } = encodeEllipticKey(algorithm, curve.scalarSizeBytes, scalar, point);
    scalar.fill(0);
    return { spki, pkcs8 };
  };
}

/**
 * The DER of a key from its numbers. `scalar` may be shorter than the curve's size: Node drops leading zero octets, which
 * RFC 5915 3 does not allow, and one key in 256 has one.
 */
export function encodeEllipticKey(
  algorithmDer: Uint8Array,
  scalarSizeBytes: number,
  scalar: Uint8Array,
  point: Uint8Array,
): DeviceKey {
  const padded = new Uint8Array(scalarSizeBytes);
  padded.set(scalar, scalarSizeBytes - scalar.length);
  const publicKey = bitString(point);
  const sec1 = sequence(integer(1), octetString(padded), explicit(1, publicKey));
  const pkcs8 = Uint8Array.from(sequence(integer(0), algorithmDer, octetString(sec1)));
  padded.fill(0);
  sec1.fill(0);
  return { spki: Uint8Array.from(sequence(algorithmDer, publicKey)), pkcs8 };
}
