// A further issuing CA under a root on another machine: the request to carry there, and the chain that comes back.

import { type ReactNode, useState } from 'react';
import type { AuthorityView } from '../../../core/contract/schemas/authority.ts';
import type { ChosenFile } from '../../chosenFile.ts';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { Field } from '../../components/controls.tsx';
import { PassphraseDialog } from '../../components/PassphraseDialog.tsx';
import { Fingerprint, Note } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { FOR_DEVICES, isPurpose, purposeOf } from '../../purposeDraft.ts';
import { useWords } from '../../words/words.tsx';
import { Purpose } from './Purpose.tsx';

export function RequestDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const request = useAct('authority.request', ['authority.get']);
  const [commonName, setCommonName] = useState('');
  const [purpose, setPurpose] = useState(FOR_DEVICES);
  const name = commonName.trim();
  const made = request.data;
  if (made !== undefined)
    return (
      <WrittenDialog
        title={fill(t.cas.requestedTitle, { label: made.label })}
        written={made}
        onClose={onClose}
        widthPx={620}
      >
        <div className="stack stack-tight">
          <p>{t.cas.requestedNext}</p>
          <p className="mono small wrap-anywhere">
            keyline --data ROOT ceremony sign issuing.csr.pem --out STICK
          </p>
          <p>{t.cas.requestedCompare}</p>
          {made.files.map(({ path, sha256 }) => (
            <Fingerprint key={path} hex={sha256} />
          ))}
          <p>{t.cas.requestedBack}</p>
        </div>
      </WrittenDialog>
    );
  return (
    <PassphraseDialog
      title={t.cas.requestTitle}
      act={request}
      inputOf={(passphrase) => ({
        passphrase,
        ...(name === '' ? {} : { commonName: name }),
        ...purposeOf(purpose),
      })}
      onDone={() => undefined}
      onClose={onClose}
      confirm={t.cas.requestConfirm}
      pending={t.cas.requesting}
      ready={isPurpose(purpose)}
      widthPx={560}
      lead={<p>{t.cas.requestNote}</p>}
    >
      <Field
        label={t.cas.commonName}
        hint={t.cas.commonNameHint}
        value={commonName}
        onChange={setCommonName}
        maxLength={64}
      />
      <Purpose draft={purpose} onChange={setPurpose} />
    </PassphraseDialog>
  );
}

/** What a CA that was taken in needs before it signs. */
export function NotYetSigning(): ReactNode {
  const { t } = useWords();
  return (
    <Note icon="ui/info">
      <p>{t.cas.installNext}</p>
    </Note>
  );
}

export function InstallDialog({
  request: { label, subject },
  onClose,
}: {
  request: AuthorityView['requests'][number];
  onClose: () => void;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const install = useAct('authority.install', ['authority.get', 'crl.get', 'session.conditions']);
  const [file, setFile] = useState<ChosenFile>();
  return (
    <PassphraseDialog
      title={fill(t.cas.installTitle, { label })}
      act={install}
      inputOf={(passphrase) => ({ label, passphrase, file: file?.base64 ?? '' })}
      onDone={() => {
        toasts.say(fill(t.cas.installed, { label }));
        onClose();
      }}
      onClose={onClose}
      confirm={t.cas.installConfirm}
      pending={t.cas.installing}
      ready={file !== undefined}
      widthPx={560}
      lead={
        <>
          <p className="wrap-anywhere">{fill(t.cas.installNote, { name: subject })}</p>
          <ChooseFile label={t.cas.chooseChain} file={file} onChosen={setFile} />
        </>
      }
    >
      <NotYetSigning />
    </PassphraseDialog>
  );
}
