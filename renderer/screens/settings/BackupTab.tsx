// Backups: make one now, or restore one.

import { type ReactNode, useState } from 'react';
import type { Backup } from '../../../core/contract/schemas/session.ts';
import { Button } from '../../components/controls.tsx';
import { Confirm, Dialog } from '../../components/Dialog.tsx';
import { Empty, FailureNote, FailureState, Panel } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { ChooseBackup } from '../welcome/RestoreDialog.tsx';

export function BackupTab(): ReactNode {
  const { t, fill, plural, moment, bytes } = useWords();
  const toasts = useToasts();
  const asked = useAsk('backup.list', {});
  const create = useAct('backup.create', ['backup.list', 'session.conditions']);
  const restore = useAct('backup.restore');
  const [chosen, setChosen] = useState<Backup>();
  const [taking, setTaking] = useState(false);
  if (asked.error !== null) return <FailureState error={asked.error} retry={() => void asked.refetch()} />;
  const backups = asked.data ?? [];
  const now = (small: boolean): ReactNode => (
    <Button
      small={small}
      look="primary"
      icon="ui/save"
      isDisabled={create.isPending}
      onPress={() =>
        create.mutate({}, { onSuccess: ({ path }) => toasts.say(fill(t.common.writtenTo, { path })) })
      }
    >
      {create.isPending ? t.settings.backingUp : t.settings.backupNow}
    </Button>
  );
  return (
    <Panel
      title={t.settings.backups}
      actions={
        <>
          <Button small onPress={() => setTaking(true)}>
            {t.restore.take}
          </Button>
          {backups.length > 0 ? now(true) : null}
        </>
      }
    >
      <p className="dim panel-lead">{t.settings.backupLead}</p>
      {asked.data?.length === 0 ? (
        <Empty
          icon="ui/save"
          title={t.settings.noBackups}
          next={t.settings.noBackupsNext}
          action={now(false)}
        />
      ) : (
        backups.map((backup) => (
          <div key={backup.backupId} className="export-row">
            <div>
              <strong>{moment(backup.createdAtMs)}</strong>
              <p className="small dim mono wrap-anywhere">{backup.path}</p>
            </div>
            <span className="dim">
              {plural(t.settings.devices, backup.devices)} · {bytes(backup.sizeBytes)}
            </span>
            <Button
              small
              aria-label={`${t.settings.restore}, ${moment(backup.createdAtMs)}`}
              onPress={() => setChosen(backup)}
            >
              {t.settings.restore}
            </Button>
          </div>
        ))
      )}
      <FailureNote error={create.error} />
      {taking ? (
        <Dialog
          title={t.restore.take}
          onClose={() => setTaking(false)}
          widthPx={560}
          actions={<Button onPress={() => setTaking(false)}>{t.common.cancel}</Button>}
        >
          <div className="stack">
            <p>{t.restore.takeLead}</p>
            <ChooseBackup
              onTaken={(backup) => {
                setTaking(false);
                void asked.refetch();
                setChosen(backup);
              }}
            />
          </div>
        </Dialog>
      ) : null}
      {chosen === undefined ? null : (
        <Confirm
          title={t.settings.restoreTitle}
          note={fill(t.settings.restoreNote, { time: moment(chosen.createdAtMs) })}
          confirm={t.settings.restoreConfirm}
          look="danger"
          pending={restore.isPending}
          onConfirm={() =>
            restore.mutate({ backupId: chosen.backupId }, { onSuccess: () => setChosen(undefined) })
          }
          onClose={() => setChosen(undefined)}
        >
          <FailureNote error={restore.error} />
        </Confirm>
      )}
    </Panel>
  );
}
