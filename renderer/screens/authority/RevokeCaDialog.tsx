// The question before an issuing CA is revoked for good, and what has to be done afterwards.

import { type ReactNode, useState } from 'react';
import type { IssuingCa } from '../../../core/contract/schemas/authority.ts';
import type { Failure } from '../../../core/contract/schemas/common.ts';
import { ChooseReason, type Reason } from '../../components/ChooseReason.tsx';
import { PassphraseDialog } from '../../components/PassphraseDialog.tsx';
import { Note } from '../../components/parts.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

/** What is left to do: more where the root's list does not name the CA yet. */
function Next({
  label,
  reason,
  unlisted,
}: {
  label: string;
  reason: Reason;
  unlisted: Failure | undefined;
}): ReactNode {
  const { t, fill } = useWords();
  if (unlisted === undefined) return <p>{t.cas.revokedNext}</p>;
  if (unlisted.code === 'passphrase_delayed')
    return <p>{fill(t.cas.revokedDelayed, { ...unlisted.details, label })}</p>;
  const isOther = unlisted.code === 'passphrase_wrong';
  return (
    <>
      <p>{fill(isOther ? t.cas.revokedOther : t.cas.revokedOffline, { label })}</p>
      <p className="mono small wrap-anywhere">
        {isOther
          ? 'keyline ceremony crl --out FOLDER'
          : `keyline --data ROOT ceremony crl --revoke issuing-${label}.pem --reason ${reason} --out STICK`}
      </p>
      {isOther ? null : <p>{t.cas.revokedOfflineThen}</p>}
    </>
  );
}

export function RevokeCaDialog({ ca, onClose }: { ca: IssuingCa; onClose: () => void }): ReactNode {
  const { t, fill, plural } = useWords();
  const revoke = useAct('authority.revokeIssuing', ['authority.get', 'authority.profiles', 'crl.get']);
  const [reason, setReason] = useState<Reason>('keyCompromise');
  const { label } = ca;
  const done = revoke.data;
  if (done !== undefined)
    return (
      <WrittenDialog
        title={fill(t.cas.revokedTitle, { label })}
        written={done}
        onClose={onClose}
        widthPx={620}
      >
        <Next label={label} reason={reason} unlisted={done.unlisted} />
      </WrittenDialog>
    );
  return (
    <PassphraseDialog
      title={fill(t.cas.revokeTitle, { label })}
      act={revoke}
      inputOf={(passphrase) => ({ label, reason, passphrase })}
      onDone={() => undefined}
      onClose={onClose}
      confirm={t.cas.revokeConfirm}
      pending={t.cas.revoking}
      look="danger"
      alert
      widthPx={620}
      lead={
        <>
          <p className="wrap-anywhere">{fill(t.cas.revokeNote, { name: ca.certificate.subject })}</p>
          <Note look="warning" icon="ui/warning">
            <p>
              <strong>{plural(t.cas.revokeDevices, ca.used)}</strong>
            </p>
            {ca.active ? <p>{t.cas.revokeActive}</p> : null}
          </Note>
        </>
      }
    >
      <ChooseReason value={reason} onChange={setReason} />
    </PassphraseDialog>
  );
}
