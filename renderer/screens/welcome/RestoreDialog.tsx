// A station from a backup file: choose the file, see what is in it, put it in place. On a computer without a station.

import { type ReactNode, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { Backup } from '../../../core/contract/schemas/session.ts';
import { Button } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Note } from '../../components/parts.tsx';
import { sendBackup } from '../../data/backupUpload.ts';
import { useAct, useStation } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

/** Chooses a backup file and brings it to the station. */
export function ChooseBackup({ onTaken }: { onTaken: (backup: Backup) => void }): ReactNode {
  const { t, fill, number } = useWords();
  const { client } = useStation();
  const [sent, setSent] = useState<number>();
  const [error, setError] = useState<unknown>(null);
  const take = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file === undefined || client === undefined) return;
    setError(null);
    setSent(0);
    try {
      onTaken(await sendBackup(client, file, setSent));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSent(undefined);
    }
  };
  return (
    <>
      <FileTrigger onSelect={(files) => void take(files)} acceptedFileTypes={['.tar', 'application/x-tar']}>
        <Button icon="ui/save" isDisabled={sent !== undefined}>
          {t.restore.choose}
        </Button>
      </FileTrigger>
      {sent === undefined ? null : (
        <p role="status">
          {sent < 1
            ? fill(t.restore.reading, { percent: number(Math.floor(sent * 100)) })
            : t.restore.checking}
        </p>
      )}
      <FailureNote error={error} />
    </>
  );
}

export function RestoreDialog({
  onClose,
  onRestored,
}: {
  onClose: () => void;
  onRestored: () => void;
}): ReactNode {
  const { t, plural, moment, bytes } = useWords();
  const restore = useAct('session.restoreStation');
  const [backup, setBackup] = useState<Backup>();
  return (
    <Dialog
      title={t.restore.title}
      onClose={onClose}
      widthPx={620}
      actions={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button
            look="primary"
            isDisabled={backup === undefined || restore.isPending}
            onPress={() =>
              backup !== undefined && restore.mutate({ backupId: backup.backupId }, { onSuccess: onRestored })
            }
          >
            {restore.isPending ? t.restore.restoring : t.restore.confirm}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{t.restore.lead}</p>
        {backup === undefined ? (
          <ChooseBackup onTaken={setBackup} />
        ) : (
          <>
            <Note look="good" icon="ui/check">
              <p>{t.restore.whole}</p>
            </Note>
            <Facts
              facts={[
                [t.sheet.station, backup.stationName],
                [t.sheet.site, backup.site],
                [t.restore.madeAt, moment(backup.createdAtMs)],
                [
                  t.restore.content,
                  `${plural(t.settings.devices, backup.devices)} · ${bytes(backup.sizeBytes)}`,
                ],
              ]}
            />
            <Note look="warning" icon="ui/warning">
              <p>{t.restore.oneOnly}</p>
            </Note>
          </>
        )}
        <FailureNote error={restore.error} />
      </div>
    </Dialog>
  );
}
