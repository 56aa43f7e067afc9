// What went over the line in a run. What was secret is blacked out before it comes here.

import { type ReactNode, useState } from 'react';
import type { RunRecord } from '../../../core/contract/schemas/inventory.ts';
import { Button, Search } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { useRested } from '../../data/now.ts';
import { useAct, useAsk } from '../../data/station.tsx';
import { saveFile } from '../../files.ts';
import { useWords } from '../../words/words.tsx';

const PAGE = 500;
const SIGNS = { 'to-device': '→', 'from-device': '←', note: '·' } as const;

export function TranscriptDialog({ run, onClose }: { run: RunRecord; onClose: () => void }): ReactNode {
  const { t, plural, number } = useWords();
  const [offset, setOffset] = useState(0);
  const [search, setSearch] = useState('');
  const wanted = useRested(search.trim(), 200);
  const save = useAct('inventory.transcriptFile');
  const asked = useAsk(
    'inventory.transcript',
    { runId: run.runId, offset, limit: PAGE, ...(wanted === '' ? {} : { search: wanted }) },
    { keepPrevious: true },
  );
  const total = asked.data?.total ?? 0;
  const words = { 'to-device': t.device.toDevice, 'from-device': t.device.fromDevice, note: t.device.note };
  return (
    <Dialog title={`${t.device.transcript} · ${run.deviceSerial}`} onClose={onClose} widthPx={920}>
      <div className="row">
        <Search
          label={t.device.searchTranscript}
          value={search}
          onChange={(text) => {
            setSearch(text);
            setOffset(0);
          }}
        />
        <span className="spring" />
        <Button
          icon="ui/save"
          isDisabled={save.isPending || (total === 0 && wanted === '')}
          onPress={() => save.mutate({ runId: run.runId }, { onSuccess: saveFile })}
        >
          {t.device.saveTranscript}
        </Button>
      </div>
      <div className="row dim small">
        <span>{plural(t.device.lines, total)}</span>
        <span>{t.device.transcriptNote}</span>
        <span className="spring" />
        {total <= PAGE ? null : (
          <>
            <Button
              small
              icon="ui/back"
              aria-label={t.common.back}
              isDisabled={offset === 0}
              onPress={() => setOffset(offset - PAGE)}
            />
            <span>
              {number(offset + 1)}–{number(Math.min(total, offset + PAGE))}
            </span>
            <Button small isDisabled={offset + PAGE >= total} onPress={() => setOffset(offset + PAGE)}>
              {t.common.next}
            </Button>
          </>
        )}
      </div>
      <FailureNote error={asked.error ?? save.error} />
      {asked.data?.total === 0 && wanted !== '' ? <p>{t.device.noLine}</p> : null}
      {asked.data?.total === 0 && wanted === '' ? <Note icon="ui/info">{t.device.noTranscript}</Note> : null}
      <section
        className="scroll"
        style={{ maxHeight: 460, margin: '0 -24px' }}
        aria-label={t.device.transcript}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so without a mouse
        tabIndex={0}
      >
        <ol className="transcript">
          {(asked.data?.lines ?? []).map((line, index) => (
            <li key={`${line.atMs}-${index.toString()}`} data-direction={line.direction}>
              <span className="dim number">+{number((line.atMs - run.startedAtMs) / 1_000, 2)}</span>
              <span title={words[line.direction]}>{SIGNS[line.direction]}</span>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
      </section>
    </Dialog>
  );
}
