// A device's side of the proof: connects with a credential, trusts the site's root alone, checks the server fully and
// believes in its admission only when the server repeats the nonce. The key is in the clear only while it is handed over.

import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  connect,
  createSecureContext,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { privateKeyPem } from '../der/privateKeyPem.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { toHex } from '../domain/hex.ts';
import type { Secret } from '../domain/secret.ts';
import { type DeviceSideEvidence, endpoint, negotiated, sha256Hex, subjectOf } from './evidence.ts';
import { certificatePem } from './pem.ts';
import { NONCE_SIZE_BYTES, PROOF_LINE_MAX_BYTES, parseAnswer, proofLine } from './proofProtocol.ts';
import { errorCode, OWN_DEADLINE, type Refusal, refusalFromError, refusalFromReason } from './refusal.ts';
import { GROUPS, SIGNATURE_ALGORITHMS } from './tlsPolicy.ts';

export interface ClientCredential {
  /** The leaf, then as much of the chain as the device sends. DER. */
  readonly chainDer: readonly Uint8Array[];
  readonly privateKeyPkcs8: Secret;
}

export interface EdgeClientRequest {
  readonly host: string;
  readonly port: number;
  /** A DNS name or an IP address that the server certificate must bear in its subjectAltName. */
  readonly serverName: string;
  /** The root CA alone, as a device has it. DER. */
  readonly trustAnchorsDer: readonly Uint8Array[];
  /** Undefined: to see that the server demands one. */
  readonly credential: ClientCredential | undefined;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** For everything, from the TCP connection to its end. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Monotonic: it measures how long a connection took, nothing else. */
  readonly clock: Clock;
  readonly random: Random;
}

/** Runs one proof. A refusal by either side is an answer, not an error; throws only the signal's reason. */
export async function connectAsDevice(request: EdgeClientRequest): Promise<DeviceSideEvidence> {
  request.signal.throwIfAborted();
  let secureContext: SecureContext;
  try {
    secureContext = secureContextFor(request);
  } catch (error) {
    const refusal: Refusal = { by: 'device', code: 'credential-unusable', reason: errorCode(error) };
    return { ...NOTHING_SEEN, durationMs: 0, outcome: 'refused', refusal };
  }
  return converse(request, secureContext);
}

const NOTHING_SEEN = {
  localEndpoint: undefined,
  protocol: undefined,
  cipher: undefined,
  serverSubject: undefined,
  serverCertificateSha256: undefined,
};

type Seen = Pick<DeviceSideEvidence, keyof typeof NOTHING_SEEN>;

function secureContextFor(request: EdgeClientRequest): SecureContext {
  const { credential } = request;
  const key = credential?.privateKeyPkcs8.use(privateKeyPem);
  try {
    return createSecureContext({
      ca: request.trustAnchorsDer.map(certificatePem),
      cert: credential?.chainDer.map(certificatePem).join(''),
      key,
      minVersion: request.minVersion ?? 'TLSv1.2',
      maxVersion: request.maxVersion ?? 'TLSv1.3',
      sigalgs: SIGNATURE_ALGORITHMS,
      ecdhCurve: GROUPS,
    });
  } finally {
    key?.fill(0);
  }
}

function converse(request: EdgeClientRequest, secureContext: SecureContext): Promise<DeviceSideEvidence> {
  const { signal, clock, serverName } = request;
  const startedAtMs = clock.nowMs();
  const nonce = toHex(request.random.bytes(NONCE_SIZE_BYTES));
  let seen: Seen = NOTHING_SEEN;
  let refusal: Refusal | undefined;
  let answer = '';

  return new Promise((resolve, reject) => {
    const socket = connect({
      host: request.host,
      port: request.port,
      // RFC 6066 3: no IP address in the server name extension.
      servername: isIP(serverName) === 0 ? serverName : '',
      secureContext,
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => checkServerName(serverName, certificate.raw),
    });
    const abort = (): void => void socket.destroy();
    signal.addEventListener('abort', abort, { once: true });
    const deadline = setTimeout(() => {
      refusal ??= refusalFromReason(OWN_DEADLINE, 'device');
      socket.destroy();
    }, request.timeoutMs);

    socket.on('connect', () => {
      seen = { ...seen, localEndpoint: endpoint(socket.localAddress, socket.localPort) };
    });
    socket.on('secureConnect', () => {
      seen = { ...seen, ...negotiated(socket), ...serverSeen(socket) };
      socket.write(proofLine(nonce));
    });
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1', 0, PROOF_LINE_MAX_BYTES + 1);
      if (answer.length > PROOF_LINE_MAX_BYTES) socket.destroy();
      else if (answer.endsWith('\n')) socket.end();
    });
    socket.on('error', (error) => {
      refusal ??= refusalFromError(error, 'device');
    });
    socket.on('close', () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const verdict = judge(answer, nonce, refusal);
      resolve({
        ...seen,
        durationMs: Math.round(clock.nowMs() - startedAtMs),
        outcome: verdict === undefined ? 'admitted' : 'refused',
        refusal: verdict,
      });
    });
  });
}

/** What the server said counts before what befell the connection; silence is a refusal. Undefined: admitted. */
function judge(answer: string, nonce: string, refusal: Refusal | undefined): Refusal | undefined {
  if (answer === '') return refusal ?? refusalFromReason('ECONNRESET', 'device');
  const code = parseAnswer(answer, nonce);
  return code === 'admitted' ? undefined : { by: 'server', code, reason: 'answer' };
}

/**
 * Whether a server's certificate bears that name or address. RFC 9525 6.3: only subjectAltName names a server. A common name
 * must not: a device's certificate without extended key usage, whose common name is the server's name, would pass for the
 * server.
 */
export function bearsServerName(serverName: string, certificateDer: Uint8Array): boolean {
  const certificate = new X509Certificate(certificateDer);
  const named =
    isIP(serverName) === 0
      ? certificate.checkHost(serverName, { subject: 'never' })
      : certificate.checkIP(serverName);
  return named !== undefined;
}

function checkServerName(serverName: string, certificateDer: Uint8Array): Error | undefined {
  if (bearsServerName(serverName, certificateDer)) return undefined;
  return Object.assign(new Error('the server certificate bears another name'), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
}

function serverSeen(socket: TLSSocket): Pick<Seen, 'serverSubject' | 'serverCertificateSha256'> {
  const certificate = socket.getPeerX509Certificate();
  return {
    serverSubject: certificate && subjectOf(certificate),
    serverCertificateSha256: certificate && sha256Hex(certificate.raw),
  };
}
