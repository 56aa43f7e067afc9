// The passphrase in the operating system's keychain: what that means, keeping it, forgetting it.

import { type ReactNode, useState } from 'react';
import { Button } from '../../components/controls.tsx';
import { PassphraseDialog } from '../../components/PassphraseDialog.tsx';
import { FailureNote, Panel } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

function KeepDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const keep = useAct('authority.keepPassphrase', ['authority.keychain']);
  return (
    <PassphraseDialog
      title={t.keychain.keepTitle}
      lead={<p>{t.keychain.keepNote}</p>}
      act={keep}
      inputOf={(passphrase) => ({ passphrase })}
      onDone={onClose}
      onClose={onClose}
      confirm={t.keychain.keepConfirm}
      alert
      widthPx={560}
    />
  );
}

export function KeychainPanel(): ReactNode {
  const { t, failure } = useWords();
  const keychain = useAsk('authority.keychain', {}).data;
  const forget = useAct('authority.forgetPassphrase', ['authority.keychain']);
  const [keeping, setKeeping] = useState(false);
  if (keychain === undefined) return null;
  const { kept, trouble } = keychain;
  const refused =
    trouble === undefined ? undefined : failure({ code: 'keychain_refused', details: { reason: trouble } });
  return (
    <Panel>
      <div className="export-row">
        <div>
          <strong>{t.keychain.title}</strong>
          <p className="small dim">{refused?.what ?? (kept ? t.keychain.kept : t.keychain.notKept)}</p>
        </div>
        {kept ? (
          <Button small onPress={() => forget.mutate({})} isDisabled={forget.isPending}>
            {t.keychain.forget}
          </Button>
        ) : trouble === undefined ? (
          <Button small onPress={() => setKeeping(true)}>
            {t.keychain.keep}
          </Button>
        ) : null}
      </div>
      <FailureNote error={forget.error} />
      {keeping ? <KeepDialog onClose={() => setKeeping(false)} /> : null}
    </Panel>
  );
}
