// A passphrase that nothing can check: typed twice, or shown, so that a slip of the finger does not lock for ever.

import { type ReactNode, useState } from 'react';
import type { PassphraseDraft } from '../passphraseDraft.ts';
import { useWords } from '../words/words.tsx';
import { Button, Field } from './controls.tsx';

/** As the contract takes it. */
const PASSPHRASE_MAX_LENGTH = 1_024;

export interface NewPassphraseProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly draft: PassphraseDraft;
  readonly change: (values: Partial<PassphraseDraft>) => void;
  /** It is there already, and whatever it opens tells whether it is right. */
  readonly known?: boolean;
}

export function NewPassphrase(props: NewPassphraseProps): ReactNode {
  const { label, hint, draft, change, known = false } = props;
  const { passphrase, passphraseAgain } = draft;
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  const type = shown ? 'text' : 'password';
  const differs = passphraseAgain.length >= passphrase.length && passphraseAgain !== passphrase;
  return (
    <>
      <Field
        label={label}
        type={type}
        value={passphrase}
        onChange={(text) => change({ passphrase: text })}
        hint={hint}
        maxLength={PASSPHRASE_MAX_LENGTH}
        required
        wide={known}
        beside={
          <Button onPress={() => setShown(!shown)}>
            {shown ? t.newPassphrase.hide : t.newPassphrase.show}
          </Button>
        }
      />
      {known ? null : (
        <Field
          label={t.newPassphrase.repeat}
          type={type}
          value={passphraseAgain}
          onChange={(text) => change({ passphraseAgain: text })}
          error={differs && passphraseAgain !== '' ? t.newPassphrase.differs : undefined}
          maxLength={PASSPHRASE_MAX_LENGTH}
          required
        />
      )}
    </>
  );
}
