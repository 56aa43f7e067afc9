// Step 2: create an authority, import an issuing CA, or take up the one in the data folder.

import type { ReactNode } from 'react';
import type { Failure } from '../../../core/contract/schemas/common.ts';
import { BroughtAuthority } from '../../components/BroughtAuthority.tsx';
import { Choices } from '../../components/controls.tsx';
import { NewPassphrase } from '../../components/NewPassphrase.tsx';
import { useWords } from '../../words/words.tsx';
import { passphraseStrength } from './draft.ts';
import type { StepProps } from './NameStep.tsx';

export function AuthorityStep({
  draft,
  change,
  refused,
}: StepProps & { refused: Failure | undefined }): ReactNode {
  const { t } = useWords();
  return (
    <div className="welcome-form">
      <p className="dim wide">{t.welcome.authorityLead}</p>
      <Choices
        label={t.welcome.steps.authority}
        hideLabel
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        options={[
          { value: 'create', label: t.welcome.authorityCreate, hint: t.welcome.authorityCreateHint },
          { value: 'import', label: t.welcome.authorityImport, hint: t.welcome.authorityImportHint },
          { value: 'existing', label: t.welcome.authorityExisting, hint: t.welcome.authorityExistingHint },
        ]}
      />
      {draft.kind === 'import' ? <BroughtAuthority draft={draft} change={change} refused={refused} /> : null}
      <NewPassphrase
        label={draft.kind === 'import' ? t.welcome.passphraseNew : t.welcome.passphrase}
        hint={
          draft.kind === 'existing'
            ? undefined
            : draft.passphrase === ''
              ? t.welcome.passphraseHint
              : t.welcome.strength[passphraseStrength(draft.passphrase)]
        }
        draft={draft}
        change={change}
        known={draft.kind === 'existing'}
      />
    </div>
  );
}
