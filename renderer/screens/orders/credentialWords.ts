// What each device of an order gets, in words.

import type { fillText } from '../../../core/contract/failureText.ts';
import { entropyBits, type PasswordPolicy } from '../../../core/contract/passwords.ts';
import type { Text } from '../../words/text.ts';

export function credentialWords(
  {
    t,
    fill,
    number,
  }: { readonly t: Text; readonly fill: typeof fillText; readonly number: (value: number) => string },
  policy: PasswordPolicy | undefined,
): string {
  if (policy === undefined) return t.orders.credentialKinds.certificate;
  return fill(t.orders.credentialKinds['certificate-and-password'], {
    length: policy.length,
    alphabet: t.passwords.alphabets[policy.alphabet],
    bits: number(Math.floor(entropyBits(policy))),
  });
}
