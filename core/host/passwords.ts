// Passwords for devices that cannot hold a certificate: made, their verifiers recorded, handed over once; and the files of
// brokers that check them.

import bcrypt from 'bcryptjs';
import {
  emqxLines,
  hivemqLines,
  htpasswdLines,
  mosquittoLines,
  type PasswordUser,
  rabbitmqLines,
  vernemqLines,
} from '../authority/password/passwordExports.ts';
import { type PasswordVerifiers, passwordVerifiers } from '../authority/password/passwordHashes.ts';
import {
  checkPasswordPolicy,
  newPassword,
  type PasswordPolicy,
} from '../authority/password/passwordPolicy.ts';
import type { Random } from '../domain/clock.ts';
import type { PasswordFormat } from '../domain/password.ts';
import type { Inventory, InventoryReader } from '../inventory/inventory.ts';

/** The role of devices in HiveMQ's file. */
const HIVEMQ_ROLE = 'device';

const LINES: Readonly<Record<PasswordFormat, (users: Iterable<PasswordUser>) => Iterable<string>>> = {
  mosquitto: mosquittoLines,
  emqx: emqxLines,
  htpasswd: htpasswdLines,
  vernemq: vernemqLines,
  hivemq: (users) => hivemqLines(users, HIVEMQ_ROLE),
  rabbitmq: rabbitmqLines,
};

export interface PasswordLabel {
  readonly username: string;
  readonly password: string;
}

/** Made and recorded so many at a time: about a quarter of a second's work. */
const BLOCK_SIZE = 50;

/**
 * A fresh password for every username, block by block; each block is recorded by `record` before it is given out. Throws
 * `value_invalid` for a policy whose passwords could be guessed.
 */
export function* makePasswords(
  usernames: readonly string[],
  policy: PasswordPolicy,
  random: Random,
  record: (users: Parameters<Inventory['addPasswordUsers']>[1]) => void,
): Generator<readonly PasswordLabel[]> {
  checkPasswordPolicy(policy);
  for (let from = 0; from < usernames.length; from += BLOCK_SIZE) {
    const block = usernames
      .slice(from, from + BLOCK_SIZE)
      .map((username) => ({ username, ...passwordWithVerifiers(policy, random) }));
    record(block.map(({ username, verifiers }) => ({ username, verifiers })));
    yield block.map(({ username, password }) => ({ username, password }));
  }
}

function passwordWithVerifiers(
  policy: PasswordPolicy,
  random: Random,
): { readonly password: string; readonly verifiers: PasswordVerifiers } {
  const secret = newPassword(policy, random);
  try {
    const password = secret.use((bytes) => Buffer.from(bytes).toString('latin1'));
    return {
      password,
      verifiers: passwordVerifiers(secret, random, (plain, cost) => bcrypt.hashSync(plain, cost)),
    };
  } finally {
    secret.wipe();
  }
}

/** The file of a broker, a piece at a time. */
export const passwordFile = (
  format: PasswordFormat,
  users: ReturnType<InventoryReader['passwordUsers']>,
): Iterable<string> => LINES[format](withBcrypt(users));

function* withBcrypt(users: ReturnType<InventoryReader['passwordUsers']>): Generator<PasswordUser> {
  for (const { username, verifiers } of users) {
    yield { username, verifiers: { ...verifiers, bcrypt: verifiers.bcrypt } };
  }
}
