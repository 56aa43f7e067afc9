// An EC key on a PKCS#11 token as a signer: found by its label, used by handle, never seen.

import { createHash, createPublicKey } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { readElement } from '../../der/reader.ts';
import { bitString, oid, sequence, unsignedInteger } from '../../der/writer.ts';
import type { Random } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TokenKey, TokenReference } from '../issuing/caSigner.ts';
import { signatureSchemeOf } from '../signing/signer.ts';
import { CKA, CKO, TokenSession, ulong } from './cryptoki.ts';

/** Logs in and finds the key. Throws `passphrase_wrong`, `token_failed` (no such key, or several). */
export function openTokenKey(reference: TokenReference, pin: Secret): TokenKey {
  const session = new TokenSession(reference.module, reference.slot, pin);
  try {
    const privateKey = findOne(session, CKO.privateKey, reference.keyLabel);
    const publicKey = findOne(session, CKO.publicKey, reference.keyLabel);
    const parameters = session.attribute(publicKey, CKA.ecParameters);
    // CKA_EC_POINT is the point inside an OCTET STRING (PKCS#11 2.40, 2.3.3).
    const point = readElement(session.attribute(publicKey, CKA.ecPoint)).content;
    const publicKeySpki = sequence(sequence(oid(OID.ecPublicKey), parameters), bitString(point));
    const key = createPublicKey({ key: Buffer.from(publicKeySpki), format: 'der', type: 'spki' });
    const digestName = signatureSchemeOf(key).digest ?? 'sha256';
    return {
      publicKeySpki,
      sign(toBeSigned) {
        const digest = createHash(digestName).update(toBeSigned).digest();
        return derSignature(session.signDigest(privateKey, digest));
      },
      close: () => session.close(),
    };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Makes a P-256 key on the token; `token_failed` when the label is taken. */
export function makeTokenKey(reference: TokenReference, pin: Secret, random: Random): void {
  const session = new TokenSession(reference.module, reference.slot, pin);
  try {
    const label = { type: CKA.label, value: Buffer.from(reference.keyLabel, 'utf8') };
    if (session.find([label]).length > 0) throw keyTrouble('label-taken', reference.keyLabel);
    session.generateKeyPair(reference.keyLabel, random.bytes(16), oid(OID.prime256v1));
  } finally {
    session.close();
  }
}

function findOne(session: TokenSession, objectClass: number, keyLabel: string): number {
  const [found, ...more] = session.find([
    { type: CKA.class, value: ulong(objectClass) },
    { type: CKA.label, value: Buffer.from(keyLabel, 'utf8') },
  ]);
  if (found === undefined) throw keyTrouble('no-such-key', keyLabel);
  if (more.length > 0) throw keyTrouble('several-keys', keyLabel);
  return found;
}

/** RFC 3279 2.2.3: the token gives r and s side by side, a certificate holds them as DER. */
function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half)));
}

const keyTrouble = (reason: string, keyLabel: string): StationError =>
  new StationError('token_failed', { reason, keyLabel: quoteForDisplay(keyLabel) });
