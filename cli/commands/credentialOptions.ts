// Which kind of credential devices get, as `order create` and `provision` are told it.

import { type Command, Option } from 'commander';
import {
  checkPasswordPolicy,
  DEFAULT_PASSWORD_POLICY,
  entropyBits,
  PASSWORD_ALPHABET_NAMES,
  type PasswordAlphabet,
  type PasswordPolicy,
} from '../../core/domain/password.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { CREDENTIAL_KINDS, type CredentialKind } from '../../core/domain/workOrder.ts';
import { positiveInteger } from './shared.ts';

export interface CredentialOptions {
  readonly credential: CredentialKind;
  readonly passwordLength?: number;
  readonly passwordAlphabet?: PasswordAlphabet;
}

export const addCredentialOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--credential <kind>', 'what each device gets')
        .choices(CREDENTIAL_KINDS)
        .default('certificate'),
    )
    .option(
      '--password-length <number>',
      `characters of its password (default: ${DEFAULT_PASSWORD_POLICY.length})`,
      positiveInteger,
    )
    .addOption(
      new Option(
        '--password-alphabet <name>',
        `which characters (default: ${DEFAULT_PASSWORD_POLICY.alphabet})`,
      ).choices(PASSWORD_ALPHABET_NAMES),
    );

/** Undefined: a certificate alone. Throws `value_invalid` for passwords that could be guessed. */
export function passwordPolicyOf(options: CredentialOptions): PasswordPolicy | undefined {
  const { credential, passwordLength: length, passwordAlphabet: alphabet } = options;
  if (credential === 'certificate-and-password') {
    return checkPasswordPolicy({
      alphabet: alphabet ?? DEFAULT_PASSWORD_POLICY.alphabet,
      length: length ?? DEFAULT_PASSWORD_POLICY.length,
    });
  }
  if (length === undefined && alphabet === undefined) return undefined;
  throw new StationError('usage', {
    reason: 'say --credential certificate-and-password for devices with a password',
  });
}

/** `20 characters (unambiguous), 110 bits of entropy`. */
export const policyWords = (policy: PasswordPolicy): string =>
  `${policy.length} characters (${policy.alphabet}), ${Math.floor(entropyBits(policy))} bits of entropy`;
