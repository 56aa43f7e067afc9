// How a password is made. It exists in memory only, as a Secret, until its device or its label has it.

import type { Random } from '../../domain/clock.ts';
import { checkPasswordPolicy, PASSWORD_ALPHABETS, type PasswordPolicy } from '../../domain/password.ts';
import { Secret } from '../../domain/secret.ts';

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
