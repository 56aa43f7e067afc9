// Step 2: create an authority, import an issuing CA, or take up the one in the data folder.

import { type ReactNode, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import { Button, Choices, Field } from '../../components/controls.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { readBase64 } from '../../files.ts';
import { useWords } from '../../words/words.tsx';
import { type ChosenFile, passphraseStrength } from './draft.ts';
import type { StepProps } from './NameStep.tsx';

function ChooseFile({
  label,
  file,
  onChosen,
}: {
  label: string;
  file: ChosenFile | undefined;
  onChosen: (file: ChosenFile) => void;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const take = async (files: FileList | null): Promise<void> => {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    const base64 = await readBase64(chosen);
    if (base64 === undefined) toasts.say(t.orders.tooLarge);
    else onChosen({ fileName: chosen.name, base64 });
  };
  return (
    <div>
      <FileTrigger onSelect={(files) => void take(files)}>
        <Button icon={file === undefined ? 'ui/plus' : 'ui/check'}>{label}</Button>
      </FileTrigger>
      <p className="field-hint">
        {file === undefined ? '' : fill(t.welcome.chosen, { name: file.fileName })}
      </p>
    </div>
  );
}

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
