// A certificate for an edge server. Its key is written at the station and never comes here.

import { type ReactNode, useState } from 'react';
import { Choose, Field } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
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
  if (issue.data !== undefined)
    return (
      <WrittenDialog title={t.authority.serverDone} written={issue.data} onClose={onClose}>
        <p>{t.authority.serverFiles}</p>
      </WrittenDialog>
    );
  return (
    <FormDialog
      title={t.authority.newServer}
      onClose={onClose}
      confirm={t.authority.issueServer}
      ready={names.length > 0}
      pending={issue.isPending}
      onSubmit={() => issue.mutate({ names, validityDays: Number(days) })}
      error={issue.error}
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
    </FormDialog>
  );
}
