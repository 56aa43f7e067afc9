// A further issuing CA that was made elsewhere, taken in as at the first start.

import { type ReactNode, useState } from 'react';
import { broughtFiles, NOTHING_BROUGHT } from '../../broughtDraft.ts';
import { BroughtAuthority } from '../../components/BroughtAuthority.tsx';
import { PassphraseDialog } from '../../components/PassphraseDialog.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { failureIn, useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { NotYetSigning } from './offlineDialogs.tsx';

export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const bring = useAct('authority.import', ['authority.get', 'crl.get', 'session.conditions']);
  const [draft, setDraft] = useState(NOTHING_BROUGHT);
  const failure = bring.error === null ? undefined : failureIn(bring.error);
  // What is wrong with the files has a meaning of its own.
  const refused = failure?.details.meaning === undefined ? undefined : failure;
  return (
    <PassphraseDialog
      title={t.cas.importTitle}
      label={t.cas.importPassphrase}
      act={bring}
      inputOf={(passphrase) => ({ passphrase, ...broughtFiles(draft) })}
      onDone={({ issuingCas }) => {
        toasts.say(fill(t.cas.installed, { label: issuingCas.at(-1)?.label }));
        onClose();
      }}
      onClose={onClose}
      confirm={t.cas.installConfirm}
      pending={t.cas.installing}
      ready={draft.files.length > 0}
      told={refused !== undefined}
      widthPx={560}
      lead={
        <>
          <p>{t.cas.importNote}</p>
          <BroughtAuthority
            draft={draft}
            change={(values) => {
              // What was said of the files before is not true of these.
              bring.reset();
              setDraft({ ...draft, ...values });
            }}
            refused={refused}
          />
        </>
      }
    >
      <NotYetSigning />
    </PassphraseDialog>
  );
}
