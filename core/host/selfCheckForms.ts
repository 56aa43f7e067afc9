// What the self-check tries besides the ceremony: every digest the core uses, every form of encrypted key that it reads,
// PKCS#12 files, revocation lists, signatures of every algorithm. Fails by throwing.

import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  pbkdf2Sync,
  sign,
  verify,
} from 'node:crypto';
import type { Authority } from '../authority/authority.ts';
import { decryptKey, exportPkcs8 } from '../authority/encryptedKey.ts';
import { readPkcs12 } from '../authority/import/pkcs12.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { verifyCrl } from '../authority/revocation/crlSet.ts';
import { writeCrl } from '../authority/revocation/crlWriter.ts';
import { integer, NULL, octetString, oid, sequence } from '../der/writer.ts';
import type { KeyAlgorithm } from '../domain/profile.ts';
import { Secret } from '../domain/secret.ts';
import { buildPkcs12 } from '../link/files/pkcs12.ts';
import { systemRandom } from './systemRandom.ts';

const PASSPHRASE = 'only for the self-check';
const ROUNDS = 2_048;

/** Of the three letters `abc`: FIPS 180-4 and RFC 1321's own examples. */
const KNOWN_DIGESTS = {
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
} as const;

export function checkDigests(): void {
  for (const [name, known] of Object.entries(KNOWN_DIGESTS)) {
    if (createHash(name).update('abc').digest('hex') !== known) throw new Error(`${name} is wrong`);
  }
}

const KEY_CIPHERS = {
  'AES-256': { name: 'aes-256-cbc', type: '2.16.840.1.101.3.4.1.42', keyBytes: 32, blockBytes: 16 },
  'AES-192': { name: 'aes-192-cbc', type: '2.16.840.1.101.3.4.1.22', keyBytes: 24, blockBytes: 16 },
  'AES-128': { name: 'aes-128-cbc', type: '2.16.840.1.101.3.4.1.2', keyBytes: 16, blockBytes: 16 },
  '3DES': { name: 'des-ede3-cbc', type: '1.2.840.113549.3.7', keyBytes: 24, blockBytes: 8 },
} as const;
const KEY_FUNCTIONS = { SHA256: '1.2.840.113549.2.9', SHA1: '1.2.840.113549.2.7' } as const;

/** What `openssl` of one age or another writes (RFC 8018 6.2): each cipher under each pseudo-random function. */
export const KEY_FILE_FORMS = Object.keys(KEY_CIPHERS).flatMap((cipher) =>
  Object.keys(KEY_FUNCTIONS).map((prf) => ({
    cipher: cipher as keyof typeof KEY_CIPHERS,
    prf: prf as keyof typeof KEY_FUNCTIONS,
  })),
);

/** A key file of this form opens with its passphrase, and with no other. */
export function checkKeyFileForm({ cipher, prf }: (typeof KEY_FILE_FORMS)[number]): void {
  const { name, type, keyBytes, blockBytes } = KEY_CIPHERS[cipher];
  const made = new StationKeyMaker().generate('P-256');
  try {
    const salt = systemRandom.bytes(16);
    const initialVector = systemRandom.bytes(blockBytes);
    const key = pbkdf2Sync(PASSPHRASE, salt, ROUNDS, keyBytes, prf.toLowerCase());
    const encryption = createCipheriv(name, key, initialVector);
    const encrypted = made.privateKeyPkcs8.use((pkcs8) =>
      Buffer.concat([encryption.update(pkcs8), encryption.final()]),
    );
    const derivation = sequence(
      oid('1.2.840.113549.1.5.12'),
      sequence(octetString(salt), integer(ROUNDS), sequence(oid(KEY_FUNCTIONS[prf]), NULL)),
    );
    const file = sequence(
      sequence(
        oid('1.2.840.113549.1.5.13'),
        sequence(derivation, sequence(oid(type), octetString(initialVector))),
      ),
      octetString(encrypted),
    );
    const opened = decryptKey(file, Secret.fromText(PASSPHRASE), cipher);
    expectSame(createPublicKey(opened).export({ type: 'spki', format: 'der' }), made.publicKeySpki);
    expectRefused(() => decryptKey(file, Secret.fromText(`${PASSPHRASE}!`), cipher));
  } finally {
    made.privateKeyPkcs8.wipe();
  }
}

/** Signs with a key of this algorithm and verifies; a message that was changed does not verify. */
export function checkSignature(algorithm: KeyAlgorithm): void {
  const made = new StationKeyMaker().generate(algorithm);
  const key = made.privateKeyPkcs8.use((pkcs8) =>
    createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }),
  );
  made.privateKeyPkcs8.wipe();
  const digest = algorithm === 'Ed25519' ? null : algorithm === 'P-384' ? 'sha384' : 'sha256';
  const signature = sign(digest, Buffer.from('to be signed'), key);
  const publicKey = createPublicKey({ key: Buffer.from(made.publicKeySpki), format: 'der', type: 'spki' });
  if (!verify(digest, Buffer.from('to be signed'), publicKey, signature))
    throw new Error('the signature does not hold');
  if (verify(digest, Buffer.from('to be Signed'), publicKey, signature))
    throw new Error('the signature holds for another message');
}

/** A PKCS#12 file as devices are given it opens again, whole. */
export function checkPkcs12(authority: Authority): void {
  const made = new StationKeyMaker().generate('P-256');
  try {
    const file = buildPkcs12(
      made.privateKeyPkcs8,
      [authority.issuingDer, authority.rootDer],
      Secret.fromText(PASSPHRASE),
      systemRandom,
    );
    const { keys, certificatesDer } = readPkcs12(file, Secret.fromText(PASSPHRASE));
    const [key] = keys;
    if (key === undefined || certificatesDer.length !== 2)
      throw new Error('something is missing in the file');
    const opened = exportPkcs8(key);
    made.privateKeyPkcs8.use((left) => opened.use((right) => expectSame(left, right)));
    opened.wipe();
  } finally {
    made.privateKeyPkcs8.wipe();
  }
}

/** The unlocked authority signs a revocation list, and the list verifies. */
export function checkRevocationList(authority: Authority, nowMs: number): void {
  const certificateSerial = authority.reserveCertificateSerial();
  const list = writeCrl(authority.signer, {
    crlNumber: 1,
    thisUpdateMs: nowMs,
    nextUpdateMs: nowMs + 86_400_000,
    entries: [{ certificateSerial, revokedAtMs: nowMs, reason: 'superseded' }],
  });
  verifyCrl(list, authority.issuingDer);
}

function expectSame(left: Uint8Array, right: Uint8Array): void {
  if (Buffer.compare(left, right) !== 0) throw new Error('another key came out');
}

function expectRefused(work: () => unknown): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Error('a wrong passphrase opens it');
}
