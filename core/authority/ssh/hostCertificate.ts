// OpenSSH host certificates (OpenSSH's PROTOCOL.certkeys): for boards that are reached over SSH, so that nobody has to
// believe a fingerprint at the first connection. The signing key is one of its own, never that of an X.509 CA.

import { Buffer } from 'node:buffer';
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { childrenOf, readElement, readIntegerBytes } from '../../der/reader.ts';
import type { Random } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { mpint, sshString, uint32, uint64 } from './wire.ts';

export interface HostCertificateRequest {
  /** The board's own host key, SubjectPublicKeyInfo, DER: P-256, P-384 or Ed25519. */
  readonly hostKeySpki: Uint8Array;
  readonly signingKey: KeyObject;
  readonly serial: bigint;
  /** Goes into the server's log: the device serial. */
  readonly keyId: string;
  /** Host names and addresses by which clients reach the board; empty would mean every host and is refused. */
  readonly principals: readonly string[];
  readonly validAfterMs: number;
  readonly validBeforeMs: number;
  readonly random: Random;
}

const HOST_CERTIFICATE = 2;
const CURVES = {
  prime256v1: { name: 'nistp256', digest: 'sha256' },
  secp384r1: { name: 'nistp384', digest: 'sha384' },
} as const;

/**
 * The certificate as one line of an `…-cert.pub` file. Throws `value_invalid` for names that do not fit, `key_weak` for keys
 * that OpenSSH would not take or Keyline would not sign with, `signature_check_failed`.
 */
export function sshHostCertificate(request: HostCertificateRequest): string {
  const host = sshKey(publicKeyOf(request.hostKeySpki));
  const signer = sshKey(createPublicKey(request.signingKey));
  if (request.principals.length === 0) throw invalid('principals', '');
  for (const principal of request.principals) checkText('principal', principal, /^[A-Za-z0-9_.:-]{1,253}$/);
  checkText('key id', request.keyId, /^[\x21-\x7e]{1,256}$/);
  if (!(request.validBeforeMs > request.validAfterMs)) throw invalid('validity', '');
  const type = `${host.type}-cert-v01@openssh.com`;
  const seconds = (atMs: number): bigint => BigInt(Math.floor(atMs / 1000));
  const body = Buffer.concat([
    sshString(type),
    sshString(request.random.bytes(32)),
    host.body,
    uint64(request.serial),
    uint32(HOST_CERTIFICATE),
    sshString(request.keyId),
    sshString(Buffer.concat(request.principals.map(sshString))),
    uint64(seconds(request.validAfterMs)),
    uint64(seconds(request.validBeforeMs)),
    // Critical options, extensions, reserved: a host certificate has none.
    sshString(''),
    sshString(''),
    sshString(''),
    sshString(Buffer.concat([sshString(signer.type), signer.body])),
  ]);
  const certificate = Buffer.concat([body, sshString(signature(body, request.signingKey, signer))]);
  return `${type} ${certificate.toString('base64')} ${request.keyId}\n`;
}

/** The line for clients: `@cert-authority *.example ecdsa-sha2-nistp256 …` in known_hosts. */
export function sshCertAuthorityLine(signingPublicKey: KeyObject, hostPattern: string): string {
  checkText('host pattern', hostPattern, /^[A-Za-z0-9_.:*?,-]{1,253}$/);
  const { type, body } = sshKey(signingPublicKey);
  return `@cert-authority ${hostPattern} ${type} ${Buffer.concat([sshString(type), body]).toString('base64')}\n`;
}

interface SshKey {
  readonly type: string;
  /** The fields after the type. */
  readonly body: Uint8Array;
  readonly digest: 'sha256' | 'sha384' | null;
}

/** RFC 5656 3.1 for elliptic curves, RFC 8709 4 for Ed25519. */
function sshKey(key: KeyObject): SshKey {
  const spki = key.export({ type: 'spki', format: 'der' });
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve as keyof typeof CURVES];
  if (key.asymmetricKeyType === 'ec' && curve !== undefined) {
    const point = spki.subarray(spki.length - (curve.name === 'nistp256' ? 65 : 97));
    const body = Buffer.concat([sshString(curve.name), sshString(point)]);
    return { type: `ecdsa-sha2-${curve.name}`, body, digest: curve.digest };
  }
  if (key.asymmetricKeyType === 'ed25519') {
    return { type: 'ssh-ed25519', body: sshString(spki.subarray(spki.length - 32)), digest: null };
  }
  throw new StationError('key_weak', { type: key.asymmetricKeyType ?? 'unknown' });
}

function signature(body: Uint8Array, key: KeyObject, { type, digest }: SshKey): Uint8Array {
  const raw = sign(digest, body, key);
  if (!verify(digest, body, createPublicKey(key), raw)) {
    throw new StationError('signature_check_failed', { what: 'SSH certificate' });
  }
  if (digest === null) return Buffer.concat([sshString(type), sshString(raw)]);
  // RFC 5656 3.1.2: r and s as mpint, not as DER.
  const numbers = childrenOf(readElement(raw)).map((number) => mpint(readIntegerBytes(number)));
  return Buffer.concat([sshString(type), sshString(Buffer.concat(numbers))]);
}

function publicKeyOf(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new StationError('key_weak', { reason: 'unreadable' }, { cause });
  }
}

function checkText(field: string, value: string, pattern: RegExp): void {
  if (!pattern.test(value)) throw invalid(field, value);
}

const invalid = (field: string, value: string): StationError =>
  new StationError('value_invalid', { field, value: quoteForDisplay(value), reason: 'form' });
