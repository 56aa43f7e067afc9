// An existing CA's files and what opens them; each with its own trouble beside it.

import type { ReactNode } from 'react';
import type { Failure } from '../../core/contract/schemas/common.ts';
import type { BroughtDraft } from '../broughtDraft.ts';
import { useWords } from '../words/words.tsx';
import { ChooseFiles } from './ChooseFile.tsx';
import { Field } from './controls.tsx';

export function BroughtAuthority({
  draft,
  change,
  refused,
}: {
  draft: BroughtDraft;
  change: (values: Partial<BroughtDraft>) => void;
  refused: Failure | undefined;
}): ReactNode {
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
