// Writes what the filters show to a file at the station.

import { type ReactNode, useState } from 'react';
import type { InventoryFilter } from '../../../core/contract/schemas/inventory.ts';
import { Button, Choices } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FailureNote, Fingerprint, Note } from '../../components/parts.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

export function ExportDialog({
  filter,
  total,
  onClose,
}: {
  filter: InventoryFilter;
  total: number;
  onClose: () => void;
}): ReactNode {
  const { t, plural, fill, bytes } = useWords();
  const [format, setFormat] = useState<'csv' | 'json'>('csv');
  const write = useAct('inventory.export');
  return (
    <Dialog
      title={t.inventory.exportTitle}
      onClose={onClose}
      actions={
        write.data === undefined ? (
          <>
            <Button onPress={onClose}>{t.common.cancel}</Button>
            <Button
              look="primary"
              icon="ui/save"
              isDisabled={write.isPending}
              onPress={() => write.mutate({ filter, format })}
            >
              {t.inventory.export}
            </Button>
          </>
        ) : (
          <Button look="primary" onPress={onClose}>
            {t.common.close}
          </Button>
        )
      }
    >
      {write.data === undefined ? (
        <>
          <p>{plural(t.inventory.exportNote, total)}</p>
          <Choices
            label={t.inventory.format}
            inRow
            value={format}
            onChange={setFormat}
            options={[
              { value: 'csv', label: 'CSV' },
              { value: 'json', label: 'JSON' },
            ]}
          />
        </>
      ) : (
        <Note look="good" icon="ui/check">
          <p>
            <strong>{plural(t.inventory.exportDone, write.data.rows ?? total)}</strong>,{' '}
            {bytes(write.data.sizeBytes)}
          </p>
          <p className="wrap-anywhere">{fill(t.common.writtenTo, { path: write.data.path })}</p>
          <Fingerprint hex={write.data.sha256} />
        </Note>
      )}
      <FailureNote error={write.error} />
    </Dialog>
  );
}
