// What passwords are made of: characters and length, with the entropy that comes of them.

import type { ReactNode } from 'react';
import {
  DEFAULT_PASSWORD_POLICY,
  entropyBits,
  MIN_ENTROPY_BITS,
  PASSWORD_ALPHABET_NAMES,
  PASSWORD_MAX_LENGTH,
  type PasswordAlphabet,
  type PasswordPolicy,
} from '../../../core/contract/passwords.ts';
import { Choose, Field } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';

export interface PasswordPolicyDraft {
  readonly alphabet: PasswordAlphabet;
  /** As typed. */
  readonly length: string;
}

export const USUAL_POLICY: PasswordPolicyDraft = {
  alphabet: DEFAULT_PASSWORD_POLICY.alphabet,
  length: String(DEFAULT_PASSWORD_POLICY.length),
};

const bitsOf = ({ alphabet, length }: PasswordPolicyDraft): number =>
  Math.floor(entropyBits({ alphabet, length: Number(length) }));

/** Undefined for passwords that could be guessed, or that are too long. */
export function policyOf(draft: PasswordPolicyDraft): PasswordPolicy | undefined {
  const length = Number(draft.length);
  if (bitsOf(draft) < MIN_ENTROPY_BITS || length > PASSWORD_MAX_LENGTH) return undefined;
  return { alphabet: draft.alphabet, length };
}

export function PasswordPolicyFields({
  draft,
  change,
}: {
  draft: PasswordPolicyDraft;
  change: (draft: PasswordPolicyDraft) => void;
}): ReactNode {
  const { t, fill, number } = useWords();
  const bits = bitsOf(draft);
  const weak = bits < MIN_ENTROPY_BITS;
  return (
    <div className="trust-fields">
      <Choose
        label={t.passwords.alphabet}
        value={draft.alphabet}
        onChange={(alphabet) => change({ ...draft, alphabet })}
        options={PASSWORD_ALPHABET_NAMES.map((value) => ({ value, label: t.passwords.alphabets[value] }))}
      />
      <Field
        label={t.passwords.length}
        numeric
        value={draft.length}
        onChange={(text) => change({ ...draft, length: text.replace(/\D/g, '').slice(0, 3) })}
        hint={fill(t.passwords.entropy, { bits: number(bits) })}
        error={weak ? fill(t.passwords.weak, { bits: number(bits), limit: MIN_ENTROPY_BITS }) : undefined}
      />
    </div>
  );
}
