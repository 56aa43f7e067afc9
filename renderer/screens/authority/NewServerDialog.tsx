// A certificate for an edge server. Its key is written at the station and never comes here.

import { type ReactNode, useState } from 'react';
import { Button, Choose, Field } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FailureNote } from '../../components/parts.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const DAYS = ['90', '365', '398', '825'] as const;

export function NewServerDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, plural } = useWords();
  const issue = useAct('authority.issueServer', ['authority.get']);
  const [text, setText] = useState('');
  const [days, setDays] = useState<(typeof DAYS)[number]>('365');
  const names = text.split(/[\s,;]+/).filter((name) => name !== '');
  const submit = (): void => {
    if (names.length > 0) issue.mutate({ names, validityDays: Number(days) });
  };
  if (issue.data !== undefined)
    return (
      <WrittenDialog title={t.authority.serverDone} written={issue.data} onClose={onClose}>
        <p>{t.authority.serverFiles}</p>
      </WrittenDialog>
    );
  return (
    <Dialog
      title={t.authority.newServer}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button look="primary" isDisabled={names.length === 0 || issue.isPending} onPress={submit}>
            {t.authority.issueServer}
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
        <Field
          label={t.authority.serverNames}
          hint={t.authority.serverNamesHint}
          value={text}
          onChange={setText}
          autoFocus
          required
        />
        <Choose
          label={t.authority.serverDays}
          value={days}
          onChange={setDays}
          options={DAYS.map((value) => ({ value, label: plural(t.authority.days, Number(value)) }))}
        />
      </form>
      <FailureNote error={issue.error} />
    </Dialog>
  );
}
