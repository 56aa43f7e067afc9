// Asks a supervisor for the authority's passphrase, once per shift.

import { type ReactNode, useState } from 'react';
import { Button, Choose } from '../components/controls.tsx';
import { PassphraseDialog } from '../components/PassphraseDialog.tsx';
import { FailureNote } from '../components/parts.tsx';
import { useAct, useAsk } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';

const HOURS = [1, 4, 8, 10, 12] as const;
type Hours = `${(typeof HOURS)[number]}`;

export function UnlockDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, plural } = useWords();
  const unlock = useAct('authority.unlock', ['authority.get']);
  const byKeychain = useAct('authority.unlockByKeychain', ['authority.get']);
  const keychain = useAsk('authority.keychain', {}).data;
  const [hours, setHours] = useState<Hours>('8');
  const lockAfterMinutes = Number(hours) * 60;
  return (
    <PassphraseDialog
      title={t.authority.unlockTitle}
      act={unlock}
      inputOf={(passphrase) => ({ passphrase, lockAfterMinutes })}
      onDone={onClose}
      onClose={onClose}
      confirm={t.authority.unlock}
      pending={t.authority.unlocking}
      icon="ui/unlock"
      widthPx={560}
      otherWay={
        keychain?.kept === true && keychain.trouble === undefined ? (
          <Button
            isDisabled={byKeychain.isPending}
            onPress={() => byKeychain.mutate({ lockAfterMinutes }, { onSuccess: onClose })}
          >
            {t.keychain.unlock}
          </Button>
        ) : null
      }
      lead={<p className="dim">{t.authority.unlockNote}</p>}
    >
      <Choose
        label={t.authority.lockAfter}
        value={hours}
        onChange={setHours}
        options={HOURS.map((n) => ({ value: `${n}` as const, label: plural(t.authority.hours, n) }))}
      />
      <FailureNote error={byKeychain.error} />
    </PassphraseDialog>
  );
}
