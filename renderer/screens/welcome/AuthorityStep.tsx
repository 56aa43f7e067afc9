// Step 2: create an authority, import an issuing CA, or take up the one in the data folder.

import { type ReactNode, useState } from 'react';
import type { Failure } from '../../../core/contract/schemas/common.ts';
import { ChooseFiles } from '../../components/ChooseFile.tsx';
import { Button, Choices, Field } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';
import { passphraseStrength } from './draft.ts';
import type { StepProps } from './NameStep.tsx';

/** An existing CA's files and what opens them; each with its own trouble beside it. */
function BringAuthority({ draft, change, refused }: StepProps & { refused: Failure | undefined }): ReactNode {
  const { t, failure } = useWords();
  const words = refused === undefined ? undefined : failure(refused);
  const error = words === undefined ? undefined : `${words.what} ${words.next}`;
  const isPassword = refused?.code === 'passphrase_wrong' || refused?.code === 'passphrase_missing';
  return (
    <>
      <ChooseFiles
        label={t.welcome.chooseAuthority}
        hint={t.welcome.chooseAuthorityHint}
        files={draft.files}
        onChosen={(files) => change({ files })}
        several
        error={isPassword ? undefined : error}
      />
      <Field
        label={t.welcome.filesPassphrase}
        type="password"
        value={draft.filesPassphrase}
        onChange={(filesPassphrase) => change({ filesPassphrase })}
        hint={t.welcome.filesPassphraseHint}
        error={isPassword ? error : undefined}
      />
    </>
  );
}

export function AuthorityStep({
  draft,
  change,
  refused,
}: StepProps & { refused: Failure | undefined }): ReactNode {
  const { t } = useWords();
  const isNew = draft.kind !== 'existing';
  const [shown, setShown] = useState(false);
  const strength = passphraseStrength(draft.passphrase);
  const differs =
    draft.passphraseAgain.length >= draft.passphrase.length && draft.passphraseAgain !== draft.passphrase;
  const type = shown ? 'text' : 'password';
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
      {draft.kind === 'import' ? <BringAuthority draft={draft} change={change} refused={refused} /> : null}
      <Field
        label={draft.kind === 'import' ? t.welcome.passphraseNew : t.welcome.passphrase}
        type={type}
        value={draft.passphrase}
        onChange={(passphrase) => change({ passphrase })}
        hint={
          isNew
            ? draft.passphrase === ''
              ? t.welcome.passphraseHint
              : t.welcome.strength[strength]
            : undefined
        }
        required
        wide={!isNew}
        beside={<Button onPress={() => setShown(!shown)}>{shown ? t.welcome.hide : t.welcome.show}</Button>}
      />
      {isNew ? (
        <Field
          label={t.welcome.passphraseRepeat}
          type={type}
          value={draft.passphraseAgain}
          onChange={(passphraseAgain) => change({ passphraseAgain })}
          error={differs && draft.passphraseAgain !== '' ? t.welcome.passphraseDiffers : undefined}
          required
        />
      ) : null}
    </div>
  );
}
