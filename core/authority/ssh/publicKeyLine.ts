// A public key as OpenSSH writes it, `ssh-ed25519 AAAA… comment` (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4): what stands in the
// `.pub` file that a board shows. Read strictly: it comes from elsewhere.

import { Buffer } from 'node:buffer';
import { OID } from '../../der/oids.ts';
import { bitString, oid, sequence } from '../../der/writer.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { isUsablePublicKey, publicKeyAlgorithm } from '../x509/publicKey.ts';

const CURVES: Readonly<Record<string, string>> = { nistp256: OID.prime256v1, nistp384: OID.secp384r1 };
const LINE = /^([a-z0-9@.-]{1,64}) ([A-Za-z0-9+/]{1,4096}={0,2})(?: [^\r\n]{0,1024})?\r?\n?$/;

/** SubjectPublicKeyInfo, DER. Throws `value_invalid` for what is no such line, `key_weak` for RSA, DSA and other kinds. */
export function readSshPublicKey(text: string): Uint8Array {
  const [, type = '', base64 = ''] = LINE.exec(text) ?? [];
  if (type === '') throw invalid(text, 'form');
  const fields = new Fields(Buffer.from(base64, 'base64'), text);
  if (fields.take().toString('latin1') !== type) throw invalid(text, 'type');
  const spki = spkiOf(type, fields);
  fields.end();
  if (publicKeyAlgorithm(spki) === undefined || !isUsablePublicKey(spki)) throw invalid(text, 'key');
  return spki;
}

function spkiOf(type: string, fields: Fields): Uint8Array {
  if (type === 'ssh-ed25519') return sequence(sequence(oid(OID.ed25519)), bitString(fields.take()));
  const curve = /^ecdsa-sha2-(nistp\d{3})$/.exec(type)?.[1] ?? '';
  const curveOid = CURVES[curve];
  if (curveOid === undefined) throw new StationError('key_weak', { type });
  if (fields.take().toString('latin1') !== curve) throw fields.invalid('curve');
  return sequence(sequence(oid(OID.ecPublicKey), oid(curveOid)), bitString(fields.take()));
}

/** RFC 4251 5: strings, each with its length before it. */
class Fields {
  readonly #bytes: Buffer;
  readonly #text: string;
  #offset = 0;

  constructor(bytes: Buffer, text: string) {
    this.#bytes = bytes;
    this.#text = text;
  }

  take(): Buffer {
    const start = this.#offset + 4;
    const end = start > this.#bytes.length ? start : start + this.#bytes.readUInt32BE(this.#offset);
    if (end > this.#bytes.length) throw this.invalid('truncated');
    this.#offset = end;
    return this.#bytes.subarray(start, end);
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw this.invalid('trailing-bytes');
  }

  invalid(reason: string): StationError {
    return invalid(this.#text, reason);
  }
}

const invalid = (text: string, reason: string): StationError =>
  new StationError('value_invalid', {
    field: 'ssh public key',
    value: quoteForDisplay(text.slice(0, 80)),
    reason,
  });
