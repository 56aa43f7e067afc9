// Usernames and passwords as the other kind of credential: how they are made. A password exists in memory only, as a
// Secret, until its device or its label has it.

import type { Random } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';

/** `unambiguous` leaves out what a reader of a label mistakes: 0 O, 1 I l, and vowels that spell words. */
export const PASSWORD_ALPHABETS = {
  'letters-digits': 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  unambiguous: 'BCDFGHJKMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789',
  hex: '0123456789abcdef',
  digits: '0123456789',
} as const;
export type PasswordAlphabet = keyof typeof PASSWORD_ALPHABETS;

export interface PasswordPolicy {
  readonly alphabet: PasswordAlphabet;
  readonly length: number;
}

export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = { alphabet: 'unambiguous', length: 20 };

/** Brokers hash with few rounds: the password itself must be beyond guessing. */
export const MIN_ENTROPY_BITS = 72;
const MAX_LENGTH = 128;

/** Bits of entropy of a password made under `policy`. */
export const entropyBits = ({ alphabet, length }: PasswordPolicy): number =>
  length * Math.log2(PASSWORD_ALPHABETS[alphabet].length);

/** Throws `value_invalid` for a policy whose passwords could be guessed, or that no device could hold. */
export function checkPasswordPolicy(policy: PasswordPolicy): PasswordPolicy {
  const { length } = policy;
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) {
    throw new StationError('value_invalid', { field: 'password length', value: length, limit: MAX_LENGTH });
  }
  const bits = Math.floor(entropyBits(policy));
  if (bits < MIN_ENTROPY_BITS) {
    throw new StationError('value_invalid', {
      field: 'password entropy',
      value: bits,
      limit: MIN_ENTROPY_BITS,
    });
  }
  return policy;
}

/** A fresh password; every character of the alphabet is equally likely. Throws `value_invalid` for a weak policy. */
export function newPassword(policy: PasswordPolicy, random: Random): Secret {
  const alphabet = PASSWORD_ALPHABETS[checkPasswordPolicy(policy).alphabet];
  // Octets from here on would favour the first characters of the alphabet.
  const limit = 256 - (256 % alphabet.length);
  const password = new Uint8Array(policy.length);
  for (let filled = 0; filled < policy.length; ) {
    const octets = random.bytes(policy.length);
    for (const octet of octets) {
      if (octet < limit && filled < policy.length) {
        password[filled] = alphabet.charCodeAt(octet % alphabet.length);
        filled += 1;
      }
    }
    octets.fill(0);
  }
  return new Secret(password);
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
