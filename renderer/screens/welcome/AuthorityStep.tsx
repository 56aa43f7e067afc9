// Step 2: create an authority, import an issuing CA, or take up the one in the data folder.

import { type ReactNode, useState } from 'react';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { Button, Choices, Field } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';
import { passphraseStrength } from './draft.ts';
import type { StepProps } from './NameStep.tsx';

export function AuthorityStep({ draft, change }: StepProps): ReactNode {
  const { t } = useWords();
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
      {draft.kind === 'import' ? (
        <>
          <ChooseFile
            label={t.welcome.chooseCertificates}
            file={draft.certificates}
            onChosen={(certificates) => change({ certificates })}
          />
          <ChooseFile
            label={t.welcome.chooseKey}
            file={draft.issuingKey}
            onChosen={(issuingKey) => change({ issuingKey })}
          />
        </>
      ) : null}
      <Field
        label={t.welcome.passphrase}
        type={type}
        value={draft.passphrase}
        onChange={(passphrase) => change({ passphrase })}
        hint={
          draft.kind === 'create'
            ? draft.passphrase === ''
              ? t.welcome.passphraseHint
              : t.welcome.strength[strength]
            : undefined
        }
        required
        wide={draft.kind !== 'create'}
        beside={<Button onPress={() => setShown(!shown)}>{shown ? t.welcome.hide : t.welcome.show}</Button>}
      />
      {draft.kind === 'create' ? (
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
