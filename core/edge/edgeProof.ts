// The proof that a credential works: a device's client and this site's edge server shake hands over real TLS, and what
// both saw must agree. Fits the station's EdgePort (core/station/ports/edge.ts).

import type { SecureVersion } from 'node:tls';
import type { Clock, Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import type { HandshakeEvidence } from '../domain/verification.ts';
import { connectAsDevice } from './edgeClient.ts';
import type { EdgeServer } from './edgeServer.ts';
import { type DeviceSideEvidence, type ServerSideEvidence, sha256Hex } from './evidence.ts';
import type { Refusal, RefusalCode } from './refusal.ts';

export interface EdgeProofOptions {
  readonly server: EdgeServer;
  /** The name in the server's certificate. */
  readonly serverName: string;
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  /** With several issuing CAs: the one that signed this certificate. */
  readonly issuerOf?: (certificateDer: Uint8Array) => Uint8Array;
  /** Monotonic. */
  readonly clock: Clock;
  readonly random: Random;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** For each side. */
  readonly timeoutMs?: number;
}

export interface ProofRequest {
  readonly certificateDer: Uint8Array;
  readonly privateKeyPkcs8: Secret;
  readonly signal: AbortSignal;
}

export interface EdgeProof {
  /**
   * Connects with the credential. Throws `handshake_failed` {code, side, protocol, reason} when the credential was refused
   * or the two sides disagree, `edge_unavailable` {code, reason} when the fault is the server's, and the signal's reason.
   */
  prove(request: ProofRequest): Promise<HandshakeEvidence>;
}

const TIMEOUT_MS = 10_000;
/** A server on all addresses is reached on the loopback one. */
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export function createEdgeProof(options: EdgeProofOptions): EdgeProof {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return {
    async prove(request) {
      const watch = watchConnections(options.server);
      try {
        const device = await connectAsDevice({
          ...options,
          host: LOOPBACK_OF[options.server.host] ?? options.server.host,
          port: options.server.port,
          trustAnchorsDer: [options.rootDer],
          credential: {
            chainDer: [
              request.certificateDer,
              options.issuerOf?.(request.certificateDer) ?? options.issuingDer,
            ],
            privateKeyPkcs8: request.privateKeyPkcs8,
          },
          timeoutMs,
          signal: request.signal,
        });
        const server = await watch.connectionFrom(device.localEndpoint, timeoutMs);
        return compare(device, server, request.certificateDer);
      } finally {
        watch.stop();
      }
    },
  };
}

/** Keeps the server's entries until the one of this proof has come. */
function watchConnections(server: EdgeServer) {
  const entries = new Map<string, ServerSideEvidence>();
  let wake = (): void => undefined;
  const stop = server.observe((entry) => {
    entries.set(entry.remoteEndpoint, entry);
    wake();
  });
  return {
    stop,
    /** The server's entry for the device's end of the connection; undefined when it has none in time. */
    async connectionFrom(localEndpoint: string | undefined, timeoutMs: number) {
      if (localEndpoint === undefined) return undefined;
      if (!entries.has(localEndpoint)) {
        await new Promise<void>((resolve) => {
          const deadline = setTimeout(resolve, timeoutMs);
          wake = () => {
            if (!entries.has(localEndpoint)) return;
            clearTimeout(deadline);
            resolve();
          };
        });
      }
      return entries.get(localEndpoint);
    },
  };
}

/** Both admitted and both saw the same, or an error that says which side did not. */
function compare(
  device: DeviceSideEvidence,
  server: ServerSideEvidence | undefined,
  certificateDer: Uint8Array,
): HandshakeEvidence {
  const protocol = server?.protocol ?? device.protocol;
  const refusal = decisiveRefusal(device.refusal, server?.refusal);
  if (refusal !== undefined) {
    const { by, code, reason } = refusal;
    throw new StationError(isCredentialsFault(refusal) ? 'handshake_failed' : 'edge_unavailable', {
      code,
      side: by,
      protocol,
      reason,
    });
  }
  const { cipher, peerSubject, peerCertificateSha256 } = server ?? {};
  const agrees =
    protocol === device.protocol &&
    cipher === device.cipher &&
    peerCertificateSha256 === sha256Hex(certificateDer);
  if (
    !agrees ||
    server === undefined ||
    protocol === undefined ||
    cipher === undefined ||
    peerSubject === undefined
  ) {
    throw new StationError('handshake_failed', { code: 'evidence-disagrees', side: 'server', protocol });
  }
  return {
    protocol,
    cipher,
    peerSubject,
    peerCertificateSha256,
    bytesFromDevice: server.bytesFromDevice,
    bytesToDevice: server.bytesToDevice,
    durationMs: device.durationMs,
  };
}

/** Each side knows best why it refused; what it merely heard from the other, or did not hear, comes second. */
function decisiveRefusal(device: Refusal | undefined, server: Refusal | undefined): Refusal | undefined {
  if (device?.by === 'device') return device;
  return server ?? device;
}

/** Failures of the server's own: the device under our hands must not be blamed for them. */
const SERVERS_FAULT: readonly RefusalCode[] = ['busy', 'closed', 'timeout', 'unreachable', 'undecided'];

/** In a proof the device's side is ours: if it refuses, it is the server's certificate that is no good. */
const isCredentialsFault = ({ by, code }: Refusal): boolean =>
  code === 'credential-unusable' || (by === 'server' && !SERVERS_FAULT.includes(code));
