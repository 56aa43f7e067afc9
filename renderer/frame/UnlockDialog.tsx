// Asks a supervisor for the authority's passphrase, once per shift.

import { type ReactNode, useState } from 'react';
import { Button, Choose, Field } from '../components/controls.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { FailureNote } from '../components/parts.tsx';
import { failureIn, useAct, useAsk } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';

const HOURS = [1, 4, 8, 10, 12] as const;
type Hours = `${(typeof HOURS)[number]}`;

export function UnlockDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, plural, failure } = useWords();
  const unlock = useAct('authority.unlock', ['authority.get']);
  const byKeychain = useAct('authority.unlockByKeychain', ['authority.get']);
  const keychain = useAsk('authority.keychain', {}).data;
  const [passphrase, setPassphrase] = useState('');
  const [hours, setHours] = useState<Hours>('8');
  const refused = unlock.error === null ? undefined : failure(failureIn(unlock.error));
  const submit = (): void => {
    if (passphrase === '' || unlock.isPending) return;
    unlock.mutate(
      { passphrase, lockAfterMinutes: Number(hours) * 60 },
      { onSuccess: onClose, onError: () => setPassphrase('') },
    );
  };
  return (
    <Dialog
      title={t.authority.unlockTitle}
      onClose={onClose}
      widthPx={480}
      actions={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          {keychain?.kept === true && keychain.trouble === undefined ? (
            <Button
              isDisabled={byKeychain.isPending}
              onPress={() =>
                byKeychain.mutate({ lockAfterMinutes: Number(hours) * 60 }, { onSuccess: onClose })
              }
            >
              {t.keychain.unlock}
            </Button>
          ) : null}
          <Button
            look="primary"
            icon="ui/unlock"
            isDisabled={passphrase === '' || unlock.isPending}
            onPress={submit}
          >
            {unlock.isPending ? t.authority.unlocking : t.authority.unlock}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className="dim">{t.authority.unlockNote}</p>
        <Field
          label={t.authority.passphrase}
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          autoFocus
          error={refused === undefined || passphrase !== '' ? undefined : `${refused.what} ${refused.next}`}
        />
        <Choose
          label={t.authority.lockAfter}
          value={hours}
          onChange={setHours}
          options={HOURS.map((n) => ({ value: `${n}` as const, label: plural(t.authority.hours, n) }))}
        />
        <FailureNote error={byKeychain.error} />
      </form>
    </Dialog>
  );
}
