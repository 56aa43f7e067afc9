// A device's next credential without a bay: renewed, or replaced for a reason; with a key made here, or by its own request.

import { type ReactNode, useState } from 'react';
import type { DevicePage } from '../../../core/contract/schemas/inventory.ts';
import type { ChosenFile } from '../../chosenFile.ts';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { ChooseReason, type Reason } from '../../components/ChooseReason.tsx';
import { Choices } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const LIVE: readonly string[] = ['issued', 'installed', 'verified', 'sealed'];

export function RenewDialog({ device, onClose }: { device: DevicePage; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const renew = useAct('issue.renew', ['inventory.device']);
  const [how, setHow] = useState<'renew' | 'replace'>('renew');
  const [reason, setReason] = useState<Reason>('keyCompromise');
  const [key, setKey] = useState<'here' | 'request'>('here');
  const [file, setFile] = useState<ChosenFile>();
  const live = device.credentials.some(({ state }) => LIVE.includes(state));
  const ready = (key === 'here' || file !== undefined) && (how === 'renew' || live);
  const submit = (): void =>
    renew.mutate({
      deviceSerial: device.deviceSerial,
      ...(how === 'replace' ? { reason } : {}),
      ...(key === 'request' && file !== undefined ? { request: file.base64 } : {}),
    });
  if (renew.data !== undefined)
    return (
      <WrittenDialog title={t.renewal.done} written={renew.data} onClose={onClose}>
        <p>{key === 'here' ? t.renewal.filesWithKey : t.renewal.files}</p>
      </WrittenDialog>
    );
  return (
    <FormDialog
      title={t.renewal.title}
      onClose={onClose}
      alert
      widthPx={620}
      confirm={how === 'replace' ? t.renewal.replaceConfirm : t.renewal.renewConfirm}
      look={how === 'replace' ? 'danger' : 'primary'}
      ready={ready}
      pending={renew.isPending}
      onSubmit={submit}
      error={renew.error}
    >
      <p className="dim">{t.renewal.lead}</p>
      <Choices
        label={t.renewal.how}
        value={how}
        onChange={setHow}
        options={[
          { value: 'renew', label: t.renewal.renew, hint: t.renewal.renewHint },
          { value: 'replace', label: t.renewal.replace, hint: t.renewal.replaceHint },
        ]}
      />
      {how === 'replace' ? <ChooseReason value={reason} onChange={setReason} /> : null}
      {how === 'replace' && !live ? <p className="field-error">{t.renewal.notLive}</p> : null}
      <Choices
        label={t.renewal.key}
        inRow
        value={key}
        onChange={setKey}
        options={[
          { value: 'here', label: t.renewal.keyHere },
          { value: 'request', label: t.renewal.keyRequest },
        ]}
      />
      {key === 'request' ? (
        <ChooseFile label={t.renewal.chooseRequest} file={file} onChosen={setFile} />
      ) : null}
    </FormDialog>
  );
}
