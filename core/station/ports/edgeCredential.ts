// Where the station keeps the server certificate and (encrypted) key of its own edge server.

import type { Secret } from '../../domain/secret.ts';

export interface EdgeCredentialStore {
  /** The stored certificate, or undefined before the first one was made. Needs no passphrase. */
  certificateDer(): Uint8Array | undefined;
  /** Stores the key, encrypted, durably; replaces the one before it. */
  writeKey(privateKeyPkcs8: Secret): void;
  writeCertificate(certificateDer: Uint8Array): void;
}
