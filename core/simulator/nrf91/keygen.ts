// What a modem says about a key it made: the request and its COSE_Sign1 statement, in the versions that are about.

import { createHash } from 'node:crypto';
import { cbor, tagged } from '../proof/cborWriter.ts';
import type { DeviceKey } from '../proof/deviceKey.ts';

export interface KeygenForm {
  readonly nullParameter: boolean;
  /** The statement's digest covers the request with a NULL although it is sent without one. */
  readonly digestWithNullParameter: boolean;
  /** The security tag as a signed 32-bit number, as old firmware writes it. */
  readonly signedSecurityTag: boolean;
  /** Firmware that sends the request alone. */
  readonly statement: boolean;
}

const COSE_SIGN1 = 18;
const SELF_DESCRIBED = 55_799;
const ES256 = -7;
const KEY_ID = 4;
/** Key id -2: the identity key. */
const IDENTITY_KEY = Uint8Array.of(0x21);
const REQUEST_MESSAGE = 9;

/** The text between the quotes of a `%KEYGEN:` line. */
export function keygenText(
  key: DeviceKey,
  identityKey: DeviceKey,
  facts: { readonly deviceUuid: string; readonly securityTag: number; readonly nonce: Uint8Array },
  form: KeygenForm,
): string {
  const request = key.request({ commonName: facts.deviceUuid, nullParameter: form.nullParameter });
  const body = Buffer.from(request).toString('base64url');
  if (!form.statement) return body;
  const covered = form.digestWithNullParameter ? insertNull(request) : request;
  const tag = form.signedSecurityTag ? facts.securityTag | 0 : facts.securityTag;
  const payload = tagged(
    SELF_DESCRIBED,
    cbor([
      REQUEST_MESSAGE,
      Buffer.from(facts.deviceUuid.replaceAll('-', ''), 'hex'),
      cbor(tag),
      createHash('sha256').update(covered).digest(),
      facts.nonce,
    ]),
  );
  const protectedHeader = cbor(new Map([[1, ES256]]));
  const signature = identityKey.sign(
    cbor(['Signature1', protectedHeader, new Uint8Array(0), payload]),
    'raw',
  );
  const message = tagged(
    COSE_SIGN1,
    cbor([protectedHeader, new Map([[KEY_ID, IDENTITY_KEY]]), payload, signature]),
  );
  return `${body}.${message.toString('base64url')}`;
}

/** The request with `05 00` after its signature algorithm and the two lengths around it two larger. */
function insertNull(request: Uint8Array): Uint8Array {
  const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex');
  const bytes = Buffer.from(request);
  const at = bytes.lastIndexOf(algorithm);
  const whole = Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from('300c06082a8648ce3d0403020500', 'hex'),
    bytes.subarray(at + algorithm.length),
  ]);
  // A request with a P-256 key is between 256 and 65535 bytes long or between 128 and 255: both forms exist.
  const lengthAt = whole[1] === 0x82 ? 3 : 2;
  whole[lengthAt] = (whole[lengthAt] ?? 0) + 2;
  return whole;
}
