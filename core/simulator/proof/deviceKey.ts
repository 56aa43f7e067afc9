// A key pair that never leaves its simulated device, and the certification request (RFC 2986) that the device makes
// with it, also in the form of old modem firmware that strict parsers refuse.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ATTRIBUTE_OIDS, OID } from '../../der/oids.ts';
import {
  bitString,
  explicit,
  integer,
  NULL,
  namedBits,
  octetString,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../../der/writer.ts';

export interface RequestForm {
  readonly commonName: string;
  /** Adds the NULL that RFC 5758 3.2 forbids to the signature algorithm. */
  readonly nullParameter: boolean;
  /** mbedTLS writes an empty set of attributes where it was told of no extension. */
  readonly withoutExtensions?: boolean;
}

export class DeviceKey {
  readonly #privateKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;

  /** A new key, or the one that the device's flash has kept. */
  constructor(pkcs8?: Uint8Array) {
    this.#privateKey =
      pkcs8 === undefined
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
        : createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    this.publicKeySpki = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' });
  }

  /** For the device's own flash and its own TLS; no command of a device shows it. */
  get pkcs8(): Uint8Array {
    return this.#privateKey.export({ format: 'der', type: 'pkcs8' });
  }

  /** The uncompressed point, 65 octets (SEC 1 2.3.3): the last of a P-256 SubjectPublicKeyInfo. */
  get publicPoint(): Uint8Array {
    return this.publicKeySpki.subarray(-65);
  }

  /** ECDSA with SHA-256: DER, or r and s side by side as COSE wants them (RFC 9053 2.1). */
  sign(content: Uint8Array, form: 'der' | 'raw' = 'der'): Uint8Array {
    const dsaEncoding = form === 'raw' ? 'ieee-p1363' : 'der';
    return sign('sha256', content, { key: this.#privateKey, dsaEncoding });
  }

  request(form: RequestForm): Uint8Array {
    const name = sequence(setOf(sequence(oid(ATTRIBUTE_OIDS.CN), utf8String(form.commonName))));
    // Key usage 111010000, what AT%KEYGEN writes by default.
    const usage = sequence(sequence(oid(OID.keyUsage), octetString(namedBits([0, 1, 2, 4]))));
    const attributes = form.withoutExtensions
      ? explicit(0)
      : explicit(0, sequence(oid(OID.extensionRequest), setOf(usage)));
    const information = sequence(integer(0), name, this.publicKeySpki, attributes);
    const algorithm = sequence(oid(OID.ecdsaWithSha256), ...(form.nullParameter ? [NULL] : []));
    return sequence(information, algorithm, bitString(this.sign(information)));
  }
}
