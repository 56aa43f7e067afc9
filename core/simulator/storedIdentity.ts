// Reads what a device's store holds under one tag as mbedTLS would: text ending in NUL is PEM, everything else DER.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { CredentialStore, CredentialType, StoredCredential } from './credentialStore.ts';
import type { KeyVault } from './keyVault.ts';

export interface StoredIdentity {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export type IdentityProblem = {
  readonly problem: 'missing' | 'unreadable' | 'mismatch';
  readonly type: CredentialType;
};

const PEM_START = '-----BEGIN';

/** The text of a PEM credential; undefined for DER, and for PEM without its NUL, which mbedTLS takes for broken DER. */
function asPemText(bytes: Uint8Array): string | undefined {
  if (bytes.at(-1) !== 0) return undefined;
  const text = Buffer.from(bytes.subarray(0, -1)).toString('latin1');
  return text.includes(PEM_START) ? text : undefined;
}

/** Whether bytes could be DER at all: Node's readers would accept PEM here, mbedTLS does not. */
const looksLikeDer = (bytes: Uint8Array): boolean => bytes[0] === 0x30;

function readCertificates({ bytes }: StoredCredential): string | undefined {
  const text = asPemText(bytes);
  try {
    if (text !== undefined) {
      new X509Certificate(text);
      return text;
    }
    return looksLikeDer(bytes) ? new X509Certificate(bytes).toString() : undefined;
  } catch {
    return undefined;
  }
}

function readPrivateKey({ bytes }: StoredCredential): string | undefined {
  const text = asPemText(bytes);
  const readers: readonly (() => KeyObject)[] =
    text !== undefined
      ? [() => createPrivateKey(text)]
      : (['pkcs8', 'sec1', 'pkcs1'] as const).map(
          (type) => () => createPrivateKey({ key: Buffer.from(bytes), format: 'der', type }),
        );
  if (text === undefined && !looksLikeDer(bytes)) return undefined;
  for (const read of readers) {
    try {
      return read().export({ format: 'pem', type: 'pkcs8' }).toString();
    } catch {
      // The next encoding may fit.
    }
  }
  return undefined;
}

/** The CA certificate, client certificate and key of a tag, or what is wrong with the first that fails. A key that was made on
 * the device is in its vault; the store only says that it is to be used. */
export function readStoredIdentity(
  store: CredentialStore,
  securityTag: number,
  vault?: KeyVault,
): StoredIdentity | IdentityProblem {
  const read = (
    type: CredentialType,
    parse: (stored: StoredCredential) => string | undefined,
  ): string | IdentityProblem => {
    const stored = store.get(securityTag, type);
    if (stored === undefined) return { problem: 'missing', type };
    return parse(stored) ?? { problem: 'unreadable', type };
  };
  const caPem = read('CA_CERT', readCertificates);
  if (typeof caPem !== 'string') return caPem;
  const certificatePem = read('SERVER_CERT', readCertificates);
  if (typeof certificatePem !== 'string') return certificatePem;
  const kept = store.get(securityTag, 'PRIVATE_KEY_PSA') && vault?.get(securityTag);
  const privateKeyPem =
    kept === undefined
      ? read('PRIVATE_KEY', readPrivateKey)
      : readPrivateKey({ tag: securityTag, type: 'PRIVATE_KEY_PSA', bytes: kept.pkcs8 });
  if (typeof privateKeyPem !== 'string') {
    return privateKeyPem ?? { problem: 'unreadable', type: 'PRIVATE_KEY_PSA' };
  }
  const belongs = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  return belongs ? { caPem, certificatePem, privateKeyPem } : { problem: 'mismatch', type: 'PRIVATE_KEY' };
}
