// OpenSSH host certificates of a site: the signing key, which is one of its own and made at first need, and the record of each
// certificate in the audit log before it is signed.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importPkcs8 } from '../authority/encryptedKey.ts';
import { type CaPlace, openCaSigner } from '../authority/issuing/caSigner.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { readEncryptedKey, writeEncryptedKey } from '../authority/keyVault.ts';
import { guardPassphrase } from '../authority/passphraseGuard.ts';
import { sshCertAuthorityLine, sshHostCertificate } from '../authority/ssh/hostCertificate.ts';
import { type ExportedFile, textFile } from '../authority/trust/files.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import type { Secret } from '../domain/secret.ts';
import type { OpenedIssuing } from './openIssuing.ts';

/** In the authority's folder, encrypted like the CAs' keys. */
const SSH_KEY_FILE = 'ssh-host.key.pem';
/** Boards without a clock of their own. */
const BACKDATE_MS = 3_600_000;

export interface SshHostRequest {
  /** The board's host key, SubjectPublicKeyInfo, DER. */
  readonly hostKeySpki: Uint8Array;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly validityDays: number;
}

export interface IssuedSshHost {
  readonly serial: string;
  readonly notAfterMs: number;
  /** The line of the board's `…-cert.pub`. */
  readonly certificateLine: string;
  /** The line of a client's `known_hosts`, for the hosts that `pattern` matched. */
  readonly authorityLine: string;
}

/** As they are handed over, the certificate named after the board's `….pub`. */
export const sshHostFiles = (
  publicKeyName: string,
  { certificateLine, authorityLine }: IssuedSshHost,
): readonly ExportedFile[] => [
  textFile(`${publicKeyName.replace(/\.pub$/, '')}-cert.pub`, certificateLine),
  textFile('known_hosts', authorityLine),
];

/**
 * Certifies a board's SSH host key. Throws `value_invalid`, `key_weak`, `passphrase_wrong`, `passphrase_delayed`, and those of
 * the disk.
 */
export function issueSshHost(
  opened: Pick<OpenedIssuing, 'inventory' | 'clock' | 'random'>,
  at: CaPlace,
  passphrase: Secret,
  actor: string,
  request: SshHostRequest,
  pattern: string,
): IssuedSshHost {
  const { inventory, clock, random } = opened;
  const signingKey = sshSigningKey(at, passphrase, (publicKeySha256) =>
    inventory.append({ act: 'ssh-key-made', actor, atMs: clock.nowMs(), details: { publicKeySha256 } }),
  );
  const { hostKeySpki, keyId, principals, validityDays } = request;
  const nowMs = clock.nowMs();
  const notAfterMs = nowMs + validityDays * 86_400_000;
  const serial = Buffer.from(random.bytes(8)).readBigUInt64BE();
  const certificate = {
    ...{ hostKeySpki, signingKey, serial, keyId, principals, random },
    validAfterMs: nowMs - BACKDATE_MS,
    validBeforeMs: notAfterMs,
  };
  const authorityLine = sshCertAuthorityLine(createPublicKey(signingKey), pattern);
  // Everything is decided and checked; the record stands before the certificate leaves this function.
  const certificateLine = sshHostCertificate(certificate);
  inventory.append({
    act: 'ssh-host-certified',
    actor,
    atMs: nowMs,
    details: {
      ...{ serial: serial.toString(), keyId, principals: principals.join(','), notAfterMs },
      hostKeySha256: sha256Hex(hostKeySpki),
    },
  });
  return { serial: serial.toString(), notAfterMs, certificateLine, authorityLine };
}

function sshSigningKey(
  at: CaPlace,
  passphrase: Secret,
  record: (publicKeySha256: string) => void,
): KeyObject {
  const path = join(at.folder, SSH_KEY_FILE);
  if (existsSync(path)) return guardPassphrase(at, () => readEncryptedKey(path, passphrase));
  // The new key goes under the words that open the issuing CA, not under a slip of the finger.
  openCaSigner(at, 'issuing', passphrase).close();
  const { publicKeySpki, privateKeyPkcs8 } = new StationKeyMaker().generate('P-256');
  try {
    record(sha256Hex(publicKeySpki));
    writeEncryptedKey(path, privateKeyPkcs8, passphrase, at.random);
    return importPkcs8(privateKeyPkcs8);
  } finally {
    privateKeyPkcs8.wipe();
  }
}
