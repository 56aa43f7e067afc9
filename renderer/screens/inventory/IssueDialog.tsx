// A certificate for a key that was made elsewhere: a request (CSR), or a board's SSH host key. The private key stays there.

import { type ReactNode, useState } from 'react';
import type { ChosenFile } from '../../chosenFile.ts';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { Choices, Choose, Field } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const SSH_DAYS = ['90', '365', '1825', '3650'] as const;

export function IssueDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, plural } = useWords();
  const issue = useAct('issue.request');
  const certify = useAct('issue.sshHost');
  const catalog = useAsk('catalog.get', {}).data;
  const [kind, setKind] = useState<'request' | 'ssh'>('request');
  const [serial, setSerial] = useState('');
  const [file, setFile] = useState<ChosenFile>();
  const [profile, setProfile] = useState<string>();
  const [target, setTarget] = useState<string>();
  const [hostNames, setHostNames] = useState('');
  const [days, setDays] = useState<(typeof SSH_DAYS)[number]>('1825');
  const [hosts, setHosts] = useState('*');
  const profileName = profile ?? catalog?.profiles[0]?.name ?? '';
  const targetName = target ?? catalog?.targets[0]?.name ?? '';
  const names = hostNames.split(/[\s,;]+/).filter((name) => name !== '');
  const act = kind === 'request' ? issue : certify;
  const isComplete =
    kind === 'request' ? profileName !== '' && targetName !== '' : names.length > 0 && hosts.trim() !== '';
  const submit = (): void => {
    if (file === undefined) return;
    const deviceSerial = serial.trim();
    if (kind === 'request') issue.mutate({ deviceSerial, request: file.base64, profileName, targetName });
    else {
      const key = { publicKey: file.base64, fileName: file.fileName };
      certify.mutate({ deviceSerial, ...key, names, validityDays: Number(days), hosts });
    }
  };
  if (act.data !== undefined)
    return (
      <WrittenDialog title={t.requests.done} written={act.data} onClose={onClose} widthPx={620}>
        <p>{kind === 'request' ? t.renewal.files : t.requests.sshFiles}</p>
      </WrittenDialog>
    );
  return (
    <FormDialog
      title={t.requests.title}
      onClose={onClose}
      widthPx={720}
      formClass="welcome-form"
      confirm={t.requests.confirm}
      ready={serial.trim() !== '' && file !== undefined && isComplete}
      pending={act.isPending}
      onSubmit={submit}
      error={act.error}
    >
      <Choices
        label={t.requests.kind}
        inRow
        value={kind}
        onChange={(chosen) => {
          setKind(chosen);
          setFile(undefined);
        }}
        options={[
          { value: 'request', label: t.requests.request },
          { value: 'ssh', label: t.requests.ssh },
        ]}
      />
      <p className="dim wide">{kind === 'request' ? t.requests.lead : t.requests.sshLead}</p>
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
      {kind === 'request' ? (
        <Choose
          label={t.requests.profile}
          value={profileName}
          onChange={setProfile}
          options={(catalog?.profiles ?? []).map(({ name }) => ({ value: name, label: name }))}
        />
      ) : (
        <Field
          label={t.authority.serverNames}
          hint={t.authority.serverNamesHint}
          value={hostNames}
          onChange={setHostNames}
          required
        />
      )}
      <div className="wide">
        <ChooseFile
          label={kind === 'request' ? t.renewal.chooseRequest : t.requests.chooseKey}
          file={file}
          onChosen={setFile}
        />
      </div>
      {kind === 'request' ? (
        <div className="wide">
          <Choose
            label={t.requests.target}
            value={targetName}
            onChange={setTarget}
            options={(catalog?.targets ?? []).map(({ name, title }) => ({ value: name, label: title }))}
          />
        </div>
      ) : (
        <>
          <Choose
            label={t.authority.serverDays}
            value={days}
            onChange={setDays}
            options={SSH_DAYS.map((value) => ({ value, label: plural(t.authority.days, Number(value)) }))}
          />
          <Field
            label={t.requests.hosts}
            hint={t.requests.hostsHint}
            value={hosts}
            onChange={setHosts}
            maxLength={253}
            mono
            required
          />
        </>
      )}
    </FormDialog>
  );
}
