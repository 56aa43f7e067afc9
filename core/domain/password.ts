// Usernames and passwords as the other kind of credential: what they are made of, what is kept of them, and who checks them.

import { quoteForDisplay } from './device.ts';
import { StationError } from './stationError.ts';

/** `unambiguous` leaves out what a reader of a label mistakes: 0 O, 1 I l, and vowels that spell words. */
export const PASSWORD_ALPHABETS = {
  'letters-digits': 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  unambiguous: 'BCDFGHJKMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789',
  hex: '0123456789abcdef',
  digits: '0123456789',
} as const;
export type PasswordAlphabet = keyof typeof PASSWORD_ALPHABETS;
export const PASSWORD_ALPHABET_NAMES = Object.keys(PASSWORD_ALPHABETS) as [
  PasswordAlphabet,
  ...PasswordAlphabet[],
];

export interface PasswordPolicy {
  readonly alphabet: PasswordAlphabet;
  readonly length: number;
}

export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = { alphabet: 'unambiguous', length: 20 };

/** Brokers hash with few rounds: the password itself must be beyond guessing. */
export const MIN_ENTROPY_BITS = 72;

/** Bits of entropy of a password made under `policy`. */
export const entropyBits = ({ alphabet, length }: PasswordPolicy): number =>
  length * Math.log2(PASSWORD_ALPHABETS[alphabet].length);

export const PASSWORD_MAX_LENGTH = 128;

/** Throws `value_invalid` for a policy whose passwords could be guessed, or that no device could hold. */
export function checkPasswordPolicy(policy: PasswordPolicy): PasswordPolicy {
  const { length } = policy;
  if (!Number.isInteger(length) || length < 1 || length > PASSWORD_MAX_LENGTH) {
    throw new StationError('value_invalid', {
      field: 'password length',
      value: length,
      limit: PASSWORD_MAX_LENGTH,
    });
  }
  const bits = Math.floor(entropyBits(policy));
  if (bits < MIN_ENTROPY_BITS) {
    throw new StationError('value_invalid', {
      field: 'password entropy',
      value: bits,
      limit: MIN_ENTROPY_BITS,
      reason: 'entropy-low',
    });
  }
  return policy;
}

/**
 * A username that every supported broker takes as it is: letters, digits and `. _ - @`, at most 64, since `:` ends a name
 * in password files, and `#` and `+` are wildcards. Throws `value_invalid`.
 */
export function parseUsername(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(text)) {
    throw new StationError('value_invalid', {
      field: 'username',
      value: quoteForDisplay(text),
      reason: 'alphabet',
    });
  }
  return text;
}

/** What is kept of a password: nothing here leads back to it. */
export interface PasswordVerifiers {
  /** `$7$rounds$salt$hash`: PBKDF2-HMAC-SHA512. mosquitto 2.0 takes a salt of 12 octets only. */
  readonly mosquitto: string;
  /** `$6$salt$hash`: SHA-512 over password and salt. */
  readonly vernemq: string;
  /** SHA-256 over password and salt, both hex. */
  readonly emqx: { readonly hash: string; readonly salt: string };
  /** `salt:rounds:hash`: PBKDF2-HMAC-SHA512, salt of 32 letters and digits. */
  readonly hivemq: string;
  /** Base64 of a salt of 4 octets and SHA-256 over salt and password. */
  readonly rabbitmq: string;
  /** `$2y$cost$…` for htpasswd; undefined where no bcrypt was given. */
  readonly bcrypt?: string | undefined;
}

/** A user of a broker as recorded. */
export interface PasswordUser {
  readonly username: string;
  readonly verifiers: PasswordVerifiers;
}

/** Whose password file. */
export const PASSWORD_FORMATS = ['mosquitto', 'emqx', 'htpasswd', 'vernemq', 'hivemq', 'rabbitmq'] as const;
export type PasswordFormat = (typeof PASSWORD_FORMATS)[number];
/** The names that the files have where they are read. */
export const PASSWORD_FILE_NAMES: Readonly<Record<PasswordFormat, string>> = {
  mosquitto: 'mosquitto.passwd',
  emqx: 'emqx-users.csv',
  htpasswd: 'htpasswd',
  vernemq: 'vmq.passwd',
  hivemq: 'hivemq-credentials.xml',
  rabbitmq: 'rabbitmq-users.json',
};
