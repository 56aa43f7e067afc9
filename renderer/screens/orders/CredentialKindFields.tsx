// What each device of an order gets: a certificate, and where the target has a place for them a username and a password, too.

import type { ReactNode } from 'react';
import type { PasswordPolicy } from '../../../core/contract/passwords.ts';
import type { TargetView } from '../../../core/contract/schemas/targets.ts';
import { Switch } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';
import {
  type PasswordPolicyDraft,
  PasswordPolicyFields,
  policyOf,
  USUAL_POLICY,
} from './PasswordPolicyFields.tsx';

export interface CredentialKindDraft {
  readonly password: boolean;
  readonly policy: PasswordPolicyDraft;
}

export const CERTIFICATE_ALONE: CredentialKindDraft = { password: false, policy: USUAL_POLICY };

/** The password is left out where the target has no place, whatever was switched on for another one before. */
const asksPassword = (draft: CredentialKindDraft, target: TargetView | undefined): boolean =>
  draft.password && target?.holdsPassword === true;

export const kindIsReady = (draft: CredentialKindDraft, target: TargetView | undefined): boolean =>
  !asksPassword(draft, target) || policyOf(draft.policy) !== undefined;

export function passwordInput(
  draft: CredentialKindDraft,
  target: TargetView | undefined,
): { readonly passwordPolicy?: PasswordPolicy } {
  const passwordPolicy = asksPassword(draft, target) ? policyOf(draft.policy) : undefined;
  return passwordPolicy === undefined ? {} : { passwordPolicy };
}

export function CredentialKindFields({
  draft,
  change,
  target,
}: {
  draft: CredentialKindDraft;
  change: (draft: CredentialKindDraft) => void;
  target: TargetView | undefined;
}): ReactNode {
  const { t } = useWords();
  if (target?.holdsPassword !== true) return null;
  return (
    <div className="wide stack stack-tight">
      <Switch
        label={t.orders.withPassword}
        on={draft.password}
        onChange={(password) => change({ ...draft, password })}
      />
      {draft.password ? (
        <>
          <p className="small dim">{t.orders.withPasswordHint}</p>
          <PasswordPolicyFields draft={draft.policy} change={(policy) => change({ ...draft, policy })} />
        </>
      ) : null}
    </div>
  );
}
