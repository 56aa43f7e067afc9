// What AT%KEYGEN answers with: the certification request and a COSE_Sign1 statement (RFC 9052 4.2) of the modem about
// it, both in base64url without padding. Only the request's signature can be checked without the modem's identity key.

import { createHash } from 'node:crypto';
import { StationError } from '../../domain/stationError.ts';
import { type Cbor, decodeCbor } from '../cbor/decode.ts';
import { type CertificationRequest, readCertificationRequest } from '../proof/certificationRequest.ts';

export interface KeygenStatement {
  /** 9 for a request, 8 for a bare public key. */
  readonly messageType: number;
  readonly deviceUuid: string;
  readonly securityTag: number;
}

export interface KeygenReply {
  readonly request: CertificationRequest;
  /** Undefined on firmware that sends the request alone. */
  readonly statement: KeygenStatement | undefined;
}

const REQUEST_MESSAGE_TYPE = 9;

const invalid = (reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'KEYGEN answer', reason });

function decodeBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) throw invalid('base64url');
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

/** `line` without its `%KEYGEN:` and quotes. Throws `device_answer_invalid` when anything in it does not add up. */
export function readKeygenReply(line: string, expectedSecurityTag: number): KeygenReply {
  const match = /^%KEYGEN:\s*"([^".]+)(?:\.([^".]+))?"$/.exec(line.trim());
  const body = match?.[1];
  if (body === undefined) throw invalid('form');
  const bodyBytes = decodeBase64Url(body);
  const request = readCertificationRequest(bodyBytes);
  const cose = match?.[2];
  if (cose === undefined) return { request, statement: undefined };
  return { request, statement: readStatement(decodeBase64Url(cose), request, expectedSecurityTag) };
}

function readStatement(
  cose: Uint8Array,
  request: CertificationRequest,
  expectedSecurityTag: number,
): KeygenStatement {
  const message = decodeCbor(cose);
  const payloadBytes = Array.isArray(message) && message.length === 4 ? message[2] : undefined;
  if (!(payloadBytes instanceof Uint8Array)) throw invalid('COSE structure');
  const payload = decodeCbor(payloadBytes);
  if (!Array.isArray(payload)) throw invalid('COSE payload');
  const [messageType, uuid, tag, digest] = payload as readonly Cbor[];
  if (messageType !== REQUEST_MESSAGE_TYPE) throw invalid('message type');
  if (!(uuid instanceof Uint8Array) || uuid.length !== 16) throw invalid('device UUID');
  if (!(digest instanceof Uint8Array)) throw invalid('digest');
  // A published capture has the request without the NULL and the digest of it with the NULL: either form is the request.
  const forms = [request.der, request.derWithNullParameter];
  if (!forms.some((form) => createHash('sha256').update(form).digest().equals(digest)))
    throw invalid('digest');
  const securityTag = readSecurityTag(tag);
  if (securityTag !== expectedSecurityTag) throw invalid('security tag');
  return { messageType, deviceUuid: formatUuid(uuid), securityTag };
}

/** The tag is CBOR within a byte string; old firmware lets large ones turn negative. A bare number is taken too. */
function readSecurityTag(tag: Cbor | undefined): number {
  const number = tag instanceof Uint8Array ? decodeCbor(tag) : tag;
  if (typeof number !== 'number') throw invalid('security tag');
  return number >>> 0;
}

/** RFC 9562 4: 8-4-4-4-12 hex digits. */
function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
