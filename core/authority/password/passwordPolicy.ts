// Usernames and passwords as the other kind of credential: how they are made. A password exists in memory only, as a
// Secret, until its device or its label has it.

import type { Random } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import {
  entropyBits,
  MIN_ENTROPY_BITS,
  PASSWORD_ALPHABETS,
  type PasswordPolicy,
} from '../../domain/password.ts';
import { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';

export * from '../../domain/password.ts';

const MAX_LENGTH = 128;

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
