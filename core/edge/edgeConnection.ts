// One connection to the edge server, from the TCP socket to its evidence. The peer is hostile: it may say nothing, say
// anything, stop half way or stay for ever; whatever it does, the connection ends and yields exactly one entry.

import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Clock } from '../domain/clock.ts';
import type { Sha256Hex } from '../domain/ids.ts';
import { endpoint, negotiated, type ServerSideEvidence, sha256Hex, subjectOf } from './evidence.ts';
import { admittedLine, PROOF_LINE_MAX_BYTES, parseProofLine, refusedLine } from './proofProtocol.ts';
import { OWN_DEADLINE, type Refusal, refusalFromError, refusalFromReason } from './refusal.ts';

/** Who stands at the other end, by a certificate that TLS has verified. */
export interface Peer {
  readonly subject: string;
  readonly certificateSha256: Sha256Hex;
  /** Lower-case hex. */
  readonly certificateSerial: string;
  readonly certificateDer: Uint8Array;
}

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly why: 'revoked' | 'unknown' | 'undecided' };

export interface ConnectionSettings {
  readonly tls: TlsOptions;
  readonly admit: (peer: Peer) => Admission;
  /** Monotonic. */
  readonly clock: Clock;
  /** The whole life of a connection. */
  readonly connectionTimeoutMs: number;
}

/** What a refused client may still send before the connection is cut: enough for its proof, not for a flood. */
const DISCARDED_MAX_BYTES = 4_096;

type Outcome = { readonly outcome: 'admitted' } | { readonly outcome: 'refused'; readonly refusal: Refusal };

/** Serves one TCP connection; `report` is called once, when it is gone. */
export function serveConnection(
  raw: Socket,
  settings: ConnectionSettings,
  report: (evidence: ServerSideEvidence) => void,
): void {
  new EdgeConnection(raw, settings, report).serve();
}

class EdgeConnection {
  readonly #raw: Socket;
  readonly #settings: ConnectionSettings;
  readonly #report: (evidence: ServerSideEvidence) => void;
  readonly #startedAtMs: number;
  readonly #remoteEndpoint: string;
  #outcome: Outcome | undefined;
  #peer: Peer | undefined;
  #negotiated: { readonly protocol: string; readonly cipher: string } | undefined;
  #received = '';
  #receivedBytes = 0;
  #layersOpen = 2;

  constructor(raw: Socket, settings: ConnectionSettings, report: (evidence: ServerSideEvidence) => void) {
    this.#raw = raw;
    this.#settings = settings;
    this.#report = report;
    this.#startedAtMs = settings.clock.nowMs();
    this.#remoteEndpoint = endpoint(raw.remoteAddress, raw.remotePort);
  }

  serve(): void {
    const raw = this.#raw;
    const deadline = setTimeout(() => {
      this.#conclude(refused(refusalFromReason(OWN_DEADLINE, 'server')));
      raw.destroy();
    }, this.#settings.connectionTimeoutMs);
    raw.once('close', () => {
      clearTimeout(deadline);
      this.#layerClosed();
    });
    // The TLS layer reports what happens to the socket; without a listener here an error would end the process.
    raw.on('error', () => raw.destroy());

    // A tls.Server of its own, which never listens: so a failed handshake is known to belong to this connection.
    const tlsServer = createServer(this.#settings.tls);
    tlsServer.once('secureConnection', (socket) => this.#onSecure(socket));
    tlsServer.once('tlsClientError', (error, socket) => {
      // Node verifies the client's certificate after the handshake and then closes without an alert.
      const reason: unknown = socket.authorizationError;
      this.#conclude(
        refused(
          typeof reason === 'string'
            ? refusalFromReason(reason, 'server')
            : refusalFromError(error, 'server'),
        ),
      );
      socket.destroy();
      this.#layerClosed();
    });
    tlsServer.emit('connection', raw);
  }

  #onSecure(socket: TLSSocket): void {
    socket.once('close', () => this.#layerClosed());
    socket.on('error', (error) => this.#conclude(refused(refusalFromError(error, 'server'))));
    socket.disableRenegotiation();
    this.#negotiated = negotiated(socket);
    const certificate = socket.getPeerX509Certificate();
    if (!socket.authorized || certificate === undefined) {
      this.#conclude(refused(refusalFromReason('PEER_DID_NOT_RETURN_A_CERTIFICATE', 'server')));
      socket.destroy();
      return;
    }
    const peer = peerOf(certificate);
    this.#peer = peer;
    socket.on('data', (chunk: Buffer) => this.#onData(socket, chunk));
    socket.on('end', () => this.#conclude(refused(refusalFromReason('ECONNRESET', 'server'))));
    const admission = this.#ask(peer);
    if (!admission.admitted) {
      this.#refuse(socket, { by: 'server', code: admission.why, reason: 'inventory' });
    }
  }

  /** An inventory that cannot answer admits nobody. */
  #ask(peer: Peer): Admission {
    try {
      return this.#settings.admit(peer);
    } catch {
      return { admitted: false, why: 'undecided' };
    }
  }

  #onData(socket: TLSSocket, chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#outcome !== undefined) {
      if (this.#receivedBytes > DISCARDED_MAX_BYTES) socket.destroy();
      return;
    }
    this.#received += chunk.toString('latin1', 0, PROOF_LINE_MAX_BYTES + 1);
    const nonce = parseProofLine(this.#received);
    if (nonce !== undefined) {
      this.#conclude({ outcome: 'admitted' });
      socket.end(admittedLine(nonce));
    } else if (this.#received.includes('\n') || this.#received.length >= PROOF_LINE_MAX_BYTES) {
      this.#refuse(socket, { by: 'server', code: 'protocol', reason: 'proof-line' });
    }
  }

  #refuse(socket: TLSSocket, refusal: Refusal): void {
    this.#conclude(refused(refusal));
    socket.end(refusedLine(refusal.code));
  }

  /** The first outcome stands: what follows is only the connection's end. */
  #conclude(outcome: Outcome): void {
    this.#outcome ??= outcome;
  }

  /** The TCP socket and the TLS layer end in either order; the entry is complete after both. */
  #layerClosed(): void {
    this.#layersOpen -= 1;
    if (this.#layersOpen > 0) return;
    const outcome = this.#outcome ?? refused(refusalFromReason('ECONNRESET', 'server'));
    this.#report({
      remoteEndpoint: this.#remoteEndpoint,
      protocol: this.#negotiated?.protocol,
      cipher: this.#negotiated?.cipher,
      peerSubject: this.#peer?.subject,
      peerCertificateSha256: this.#peer?.certificateSha256,
      certificateSerial: this.#peer?.certificateSerial,
      bytesFromDevice: this.#raw.bytesRead,
      bytesToDevice: this.#raw.bytesWritten,
      durationMs: Math.round(this.#settings.clock.nowMs() - this.#startedAtMs),
      outcome: outcome.outcome,
      refusal: outcome.outcome === 'refused' ? outcome.refusal : undefined,
    });
  }
}

const refused = (refusal: Refusal): Outcome => ({ outcome: 'refused', refusal });

const peerOf = (certificate: X509Certificate): Peer => ({
  subject: subjectOf(certificate),
  certificateSha256: sha256Hex(certificate.raw),
  certificateSerial: certificate.serialNumber.toLowerCase(),
  certificateDer: certificate.raw,
});
