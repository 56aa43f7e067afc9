// What is kept of a password: one verifier for each kind of broker. They are all made while the password is known, since
// none can be made from another; afterwards nothing here leads back to it.

import { Buffer } from 'node:buffer';
import { createHash, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../domain/clock.ts';
import type { PasswordVerifiers } from '../../domain/password.ts';
import type { Secret } from '../../domain/secret.ts';

/** The bcrypt of a library: cost is the base-2 logarithm of its rounds. Gives `$2a$…`, `$2b$…` or `$2y$…`. */
export type Bcrypt = (password: string, cost: number) => string;

/** The password has 72 bits or more, so rounds only slow the brokers down; this is mosquitto 2.1's own default. */
const PBKDF2_ROUNDS = 1000;
const HIVEMQ_ROUNDS = 100;
const BCRYPT_COST = 5;

/** All verifiers of one password. Takes about 5 ms, most of it bcrypt and PBKDF2. */
export function passwordVerifiers(password: Secret, random: Random, bcrypt?: Bcrypt): PasswordVerifiers {
  return password.use((bytes) => ({
    mosquitto: mosquitto(bytes, random.bytes(12)),
    vernemq: vernemq(bytes, random.bytes(12)),
    emqx: emqx(bytes, Buffer.from(random.bytes(16)).toString('hex')),
    hivemq: hivemq(bytes, Buffer.from(random.bytes(16)).toString('hex')),
    rabbitmq: rabbitmq(bytes, random.bytes(4)),
    bcrypt:
      bcrypt === undefined ? undefined : asApacheBcrypt(bcrypt(Buffer.from(bytes).toString(), BCRYPT_COST)),
  }));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const mosquitto = (password: Uint8Array, salt: Uint8Array): string =>
  `$7$${PBKDF2_ROUNDS}$${base64(salt)}$${base64(pbkdf2Sync(password, salt, PBKDF2_ROUNDS, 64, 'sha512'))}`;

const vernemq = (password: Uint8Array, salt: Uint8Array): string =>
  `$6$${base64(salt)}$${createHash('sha512').update(password).update(salt).digest('base64')}`;

const emqx = (password: Uint8Array, salt: string): PasswordVerifiers['emqx'] => ({
  hash: createHash('sha256').update(password).update(salt).digest('hex'),
  salt,
});

const hivemq = (password: Uint8Array, salt: string): string =>
  `${base64(Buffer.from(salt))}:${HIVEMQ_ROUNDS}:${base64(pbkdf2Sync(password, salt, HIVEMQ_ROUNDS, 64, 'sha512'))}`;

const rabbitmq = (password: Uint8Array, salt: Uint8Array): string =>
  base64(Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]));

/** The same algorithm has three names; Apache and nginx look for `$2y$`. */
const asApacheBcrypt = (hash: string): string => hash.replace(/^\$2[ab]\$/, '$2y$');
