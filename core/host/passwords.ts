// Passwords: made with what is recorded of them, for a run or for a label that is handed over once; and the files of brokers
// that check them.

import bcrypt from 'bcryptjs';
import {
  emqxLines,
  hivemqLines,
  htpasswdLines,
  mosquittoLines,
  rabbitmqLines,
  vernemqLines,
} from '../authority/password/passwordExports.ts';
import { passwordVerifiers } from '../authority/password/passwordHashes.ts';
import { newPassword } from '../authority/password/passwordPolicy.ts';
import type { Random } from '../domain/clock.ts';
import {
  checkPasswordPolicy,
  type PasswordFormat,
  type PasswordPolicy,
  type PasswordUser,
  type PasswordVerifiers,
  parseUsername,
} from '../domain/password.ts';
import { StationError } from '../domain/stationError.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { MadePassword, PasswordMaker } from '../station/ports/passwords.ts';

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

/**
 * Who gets a label: those named and the devices of an order, each once however it is spelled. Refused before the first password
 * is made, since each block that is recorded replaces what its users had: an order whose runs give passwords and what is no
 * username (`value_invalid`), a device that holds its own (`password_taken`).
 */
export function labelledUsernames(
  inventory: Pick<Inventory, 'passwordHolder'>,
  named: readonly string[],
  order: WorkOrder | undefined,
): readonly string[] {
  if (order?.passwordPolicy !== undefined) {
    throw new StationError('value_invalid', { field: 'order', value: order.name, reason: 'given-by-runs' });
  }
  const spellings = new Map(
    [...named, ...(order?.deviceSerials ?? [])].map((text) => [text.toLowerCase(), parseUsername(text)]),
  );
  for (const username of spellings.values()) {
    if (inventory.passwordHolder(username) === 'device') {
      throw new StationError('password_taken', { username, reason: 'in-the-device' });
    }
  }
  return [...spellings.values()];
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
  const { password, verifiers } = madePassword(policy, random);
  try {
    return { password: password.use((bytes) => Buffer.from(bytes).toString('latin1')), verifiers };
  } finally {
    password.wipe();
  }
}

/** Makes a password for a run; the run wipes it. */
export const passwordMaker = (random: Random): PasswordMaker => ({
  make: (policy) => madePassword(policy, random),
});

function madePassword(policy: PasswordPolicy, random: Random): MadePassword {
  const password = newPassword(policy, random);
  const verifiers = passwordVerifiers(password, random, (plain, cost) => bcrypt.hashSync(plain, cost));
  return { password, verifiers };
}

/** The file of a broker, a piece at a time. */
export const passwordFile = (format: PasswordFormat, users: Iterable<PasswordUser>): Iterable<string> =>
  LINES[format](users);
