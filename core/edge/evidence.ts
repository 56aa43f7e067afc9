// What each side of a mutual-TLS connection saw. The two are made independently and compared by the proof.

import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Sha256Hex } from '../domain/ids.ts';
import type { Refusal } from './refusal.ts';

/** One connection as the server saw it, complete when the TCP connection is gone. */
export interface ServerSideEvidence {
  /** The device's end of the TCP connection, as `address:port`. */
  readonly remoteEndpoint: string;
  /** `TLSv1.2` or `TLSv1.3`; undefined when no handshake was completed, like all that follows from one. */
  readonly protocol: string | undefined;
  /** The IANA name. */
  readonly cipher: string | undefined;
  readonly peerSubject: string | undefined;
  readonly peerCertificateSha256: Sha256Hex | undefined;
  /** Lower-case hex. */
  readonly certificateSerial: string | undefined;
  /** Counted on the TCP socket, record headers and handshake included. */
  readonly bytesFromDevice: number;
  readonly bytesToDevice: number;
  /** From accepting the TCP connection to its end. */
  readonly durationMs: number;
  readonly outcome: 'admitted' | 'refused';
  readonly refusal: Refusal | undefined;
}

/** One connection as the device saw it. */
export interface DeviceSideEvidence {
  /** The device's end of the TCP connection; undefined when there was none. */
  readonly localEndpoint: string | undefined;
  readonly protocol: string | undefined;
  readonly cipher: string | undefined;
  readonly serverSubject: string | undefined;
  readonly serverCertificateSha256: Sha256Hex | undefined;
  /** From the start of the TCP connection to its end. */
  readonly durationMs: number;
  readonly outcome: 'admitted' | 'refused';
  readonly refusal: Refusal | undefined;
}

const SUBJECT_MAX_LENGTH = 512;

export const sha256Hex = (bytes: Uint8Array): Sha256Hex =>
  createHash('sha256').update(bytes).digest('hex') as Sha256Hex;

export const endpoint = (address: string | undefined, port: number | undefined): string =>
  `${address ?? '?'}:${port ?? '?'}`;

/** The name on one line; OpenSSL has escaped what does not print. */
export const subjectOf = (certificate: X509Certificate): string =>
  certificate.subject.replaceAll('\n', ', ').slice(0, SUBJECT_MAX_LENGTH);

/** The version and cipher that a connected socket agreed on. */
export const negotiated = (socket: TLSSocket): { readonly protocol: string; readonly cipher: string } => ({
  protocol: socket.getProtocol() ?? 'unknown',
  cipher: socket.getCipher().standardName,
});
