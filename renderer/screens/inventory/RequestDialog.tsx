// A first certificate for a request that somebody brings: the device's key stays where it was made.

import { type ReactNode, useState } from 'react';
import type { ChosenFile } from '../../chosenFile.ts';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { Choose, Field } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

export function RequestDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const issue = useAct('issue.request');
  const catalog = useAsk('catalog.get', {}).data;
  const [serial, setSerial] = useState('');
  const [file, setFile] = useState<ChosenFile>();
  const [profile, setProfile] = useState<string>();
  const [target, setTarget] = useState<string>();
  const profileName = profile ?? catalog?.profiles[0]?.name ?? '';
  const targetName = target ?? catalog?.targets[0]?.name ?? '';
  const deviceSerial = serial.trim();
  if (issue.data !== undefined)
    return (
      <WrittenDialog title={t.requests.done} written={issue.data} onClose={onClose}>
        <p>{t.renewal.files}</p>
      </WrittenDialog>
    );
  return (
    <FormDialog
      title={t.requests.title}
      onClose={onClose}
      widthPx={560}
      confirm={t.requests.confirm}
      ready={deviceSerial !== '' && file !== undefined && profileName !== '' && targetName !== ''}
      pending={issue.isPending}
      onSubmit={() => issue.mutate({ deviceSerial, request: file?.base64 ?? '', profileName, targetName })}
      error={issue.error}
    >
      <p className="dim">{t.requests.lead}</p>
      <Field
        label={t.inventory.deviceSerial}
        value={serial}
        onChange={setSerial}
        maxLength={200}
        mono
        keepsScans
        autoFocus
        required
      />
      <ChooseFile label={t.renewal.chooseRequest} file={file} onChosen={setFile} />
      <Choose
        label={t.requests.profile}
        value={profileName}
        onChange={setProfile}
        options={(catalog?.profiles ?? []).map(({ name }) => ({ value: name, label: name }))}
      />
      <Choose
        label={t.requests.target}
        value={targetName}
        onChange={setTarget}
        options={(catalog?.targets ?? []).map(({ name, title }) => ({ value: name, label: title }))}
      />
    </FormDialog>
  );
}
