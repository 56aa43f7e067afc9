// Passwords made at the station, in memory only, together with what is recorded of them.

import type { PasswordPolicy, PasswordVerifiers } from '../../domain/password.ts';
import type { Secret } from '../../domain/secret.ts';

export interface MadePassword {
  readonly password: Secret;
  readonly verifiers: PasswordVerifiers;
}

export interface PasswordMaker {
  /** Throws `value_invalid` for a policy whose passwords could be guessed. */
  make(policy: PasswordPolicy): MadePassword;
}
