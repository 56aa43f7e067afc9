// Key pairs for devices, fast. For P-256 and P-384, Node's ECDH object hands the raw numbers out several times faster than
// a key pair exported as DER; the DER around them is constant. Other keys are made the ordinary way.

import { Buffer } from 'node:buffer';
import { createECDH, type ECDH, generateKeyPairSync, randomFillSync } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { bitString, explicit, integer, octetString, oid, sequence } from '../../der/writer.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';

/** Lent until the next key is made. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** PKCS#8 (RFC 5958), DER, not encrypted; whoever receives it overwrites it after use. */
  readonly pkcs8: Uint8Array;
}

/** Makes one key pair after another, so fast that the bytes of one stand where those of the last did. */
export type DeviceKeyMaker = () => DeviceKey;

const CURVES = {
  'P-256': { node: 'prime256v1', oid: OID.prime256v1, scalarSizeBytes: 32 },
  'P-384': { node: 'secp384r1', oid: OID.secp384r1, scalarSizeBytes: 48 },
} as const;

/** The maker for one algorithm. */
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

/** Scalars drawn at a time: one call to the generator costs more than the octets. */
const SCALARS_PER_DRAW = 64;
/** A scalar is out of range once in 2^32 draws for P-256, more rarely for P-384: twice in a row is a broken generator. */
const MAX_ATTEMPTS = 2;

/**
 * FIPS 186-5 A.2.2: a random number is tried as it is and drawn again when it is out of range. `setPrivateKey` makes that
 * test and computes the public key, in half the time that `generateKeys` takes.
 */
function ellipticKeyMaker(curve: (typeof CURVES)[keyof typeof CURVES]): DeviceKeyMaker {
  const encode = ellipticKeyEncoder(sequence(oid(OID.ecPublicKey), oid(curve.oid)), curve.scalarSizeBytes);
  const ecdh: ECDH = createECDH(curve.node);
  const drawn = Buffer.alloc(curve.scalarSizeBytes * SCALARS_PER_DRAW);
  let used = drawn.length;
  return () => {
    for (let attempt = 1; ; attempt += 1) {
      if (used === drawn.length) {
        randomFillSync(drawn);
        used = 0;
      }
      const scalar = drawn.subarray(used, used + curve.scalarSizeBytes);
      used += curve.scalarSizeBytes;
      try {
        ecdh.setPrivateKey(scalar);
        return encode(scalar, ecdh.getPublicKey());
      } catch (error) {
        if (attempt === MAX_ATTEMPTS) throw error;
      } finally {
        scalar.fill(0);
      }
    }
  };
}

/**
 * Writes the DER of one key after another: only the scalar and the point differ. The scalar has the curve's full size,
 * leading zeros included, as RFC 5915 3 demands.
 */
export function ellipticKeyEncoder(
  algorithmDer: Uint8Array,
  scalarSizeBytes: number,
): (scalar: Uint8Array, point: Uint8Array) => DeviceKey {
  const emptyPoint = bitString(new Uint8Array(1 + 2 * scalarSizeBytes));
  const sec1 = sequence(integer(1), octetString(new Uint8Array(scalarSizeBytes)), explicit(1, emptyPoint));
  const pkcs8Model = sequence(integer(0), algorithmDer, octetString(sec1));
  const spkiModel = sequence(algorithmDer, emptyPoint);
  const pointSizeBytes = 1 + 2 * scalarSizeBytes;
  const pointOffset = pkcs8Model.length - pointSizeBytes;
  const scalarOffset = pkcs8Model.length - explicit(1, emptyPoint).length - scalarSizeBytes;
  const key = { spki: new Uint8Array(spkiModel), pkcs8: new Uint8Array(pkcs8Model.length) };
  return (scalar, point) => {
    key.pkcs8.set(pkcs8Model); // it was overwritten after use
    key.pkcs8.set(scalar, scalarOffset);
    key.pkcs8.set(point, pointOffset);
    key.spki.set(point, spkiModel.length - pointSizeBytes);
    return key;
  };
}
