// The proof that a credential works: a real mutual-TLS handshake against an edge server of this site.

import type { Secret } from '../../domain/secret.ts';
import type { HandshakeEvidence } from '../../domain/verification.ts';

export interface HandshakeRequest {
  readonly certificateDer: Uint8Array;
  readonly privateKeyPkcs8: Secret;
  readonly signal: AbortSignal;
}

export interface EdgePort {
  /** Connects with the credential and returns what both sides saw; throws `handshake_failed`. */
  prove(request: HandshakeRequest): Promise<HandshakeEvidence>;
}
