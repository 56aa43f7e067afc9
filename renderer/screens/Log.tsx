// The audit log: whether its chain is unbroken, and every act in it.

import type { ColumnDef } from '@tanstack/react-table';
import { type ReactNode, useMemo, useState } from 'react';
import type { AuditEntry, AuditQuery } from '../../core/contract/schemas/inventory.ts';
import { Button, Choose, Search } from '../components/controls.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { Icon } from '../components/Icon.tsx';
import { Empty, Facts, FailureNote, FailureState, Fingerprint, Panel, Screen } from '../components/parts.tsx';
import { PAGE_ROWS, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useRested } from '../data/now.ts';
import { useAsk, useStation } from '../data/station.tsx';
import { useShortcut } from '../shortcuts.tsx';
import { useWords, type Words } from '../words/words.tsx';

const TRACKS = '92px 170px minmax(150px, 1fr) minmax(140px, 1fr) minmax(220px, 2.4fr) 110px';

const actName = (words: Words, act: string): string => {
  const names: Readonly<Record<string, string>> = words.t.log.acts;
  return names[act] ?? act;
};

const columnsIn = (words: Words): readonly ColumnDef<AuditEntry, unknown>[] => [
  { id: 'sequence', header: words.t.log.sequence, cell: ({ row }) => words.number(row.original.sequence) },
  { id: 'time', header: words.t.log.time, cell: ({ row }) => words.moment(row.original.atMs) },
  {
    id: 'act',
    header: words.t.log.act,
    cell: ({ row }) => <strong>{actName(words, row.original.act)}</strong>,
  },
  { id: 'actor', header: words.t.log.actor, cell: ({ row }) => row.original.actor },
  {
    id: 'details',
    header: words.t.log.details,
    cell: ({ row }) => (
      <span className="mono dim">
        {Object.entries(row.original.details)
          .filter(([, value]) => value !== null)
          .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join(' · ')}
      </span>
    ),
  },
  {
    id: 'hash',
    header: words.t.log.hash,
    cell: ({ row }) => <span className="mono dim">{row.original.sha256.slice(0, 10)}</span>,
  },
];

function ChainVerdict(): ReactNode {
  const words = useWords();
  const { t, fill, plural, time } = words;
  const verdict = useAsk('audit.verify', {}, { staleMs: 60_000 });
  if (verdict.error !== null) return <FailureNote error={verdict.error} />;
  const data = verdict.data;
  if (data === undefined) {
    return (
      <section className="panel chain-verdict" role="status">
        <Icon name="ui/clock" size={36} />
        <h2>{t.log.checking}</h2>
      </section>
    );
  }
  return (
    <section
      className="panel chain-verdict"
      role={data.intact ? 'status' : 'alert'}
      data-intact={data.intact ? 'yes' : 'no'}
    >
      <Icon name={data.intact ? 'ui/shield' : 'ui/warning'} size={40} />
      <div>
        <h2>{data.intact ? t.log.intact : t.log.broken}</h2>
        <p className="small dim">
          {data.intact
            ? plural(t.log.intactNote, data.entries)
            : fill(t.log.brokenNote, { sequence: words.number(data.firstBrokenSequence ?? 0) })}
          {' · '}
          {fill(t.log.checkedAt, { time: time(data.checkedAtMs) })}
        </p>
      </div>
      <span className="spring" />
      {data.headSha256 === undefined ? null : (
        <div className="small number">
          <span className="dim">{t.log.head}</span>
          <div className="mono">{data.headSha256.slice(0, 16).toUpperCase().match(/.{4}/g)?.join(' ')} …</div>
        </div>
      )}
      <Button icon="ui/retry" isDisabled={verdict.isFetching} onPress={() => void verdict.refetch()}>
        {t.log.checkAgain}
      </Button>
    </section>
  );
}

function EntryDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }): ReactNode {
  const words = useWords();
  const { t, number, moment } = words;
  return (
    <Dialog
      title={`${actName(words, entry.act)} · ${number(entry.sequence)}`}
      onClose={onClose}
      widthPx={680}
    >
      <Facts
        facts={[
          [t.log.time, moment(entry.atMs)],
          [t.log.actor, entry.actor],
          ...Object.entries(entry.details).map(
            ([name, value]) =>
              [
                name,
                <span key={name} className="mono">
                  {typeof value === 'string' ? value : JSON.stringify(value)}
                </span>,
              ] as const,
          ),
          [t.log.hash, <Fingerprint key="hash" hex={entry.sha256} />],
        ]}
      />
    </Dialog>
  );
}

export function Log(): ReactNode {
  const words = useWords();
  const { t, plural } = words;
  const { client } = useStation();
  const [search, setSearch] = useState('');
  const [act, setAct] = useState('all');
  const [actor, setActor] = useState('all');
  const [open, setOpen] = useState<AuditEntry>();
  const rested = useRested(search.trim(), 120);
  const query = (offset: number): AuditQuery => ({
    ...(rested === '' ? {} : { search: rested }),
    ...(act === 'all' ? {} : { act }),
    ...(actor === 'all' ? {} : { actor }),
    offset,
    limit: PAGE_ROWS,
  });
  const first = useAsk('audit.page', query(0), { keepPrevious: true });
  const columns = useMemo(() => columnsIn(words), [words]);
  const filtered = rested !== '' || act !== 'all' || actor !== 'all';
  const total = first.data?.total ?? 0;
  useShortcut('/', () => document.querySelector<HTMLInputElement>('[data-search]')?.focus());
  return (
    <Screen
      title={t.log.title}
      actions={
        <span className="dim" role="status">
          {first.data === undefined ? '' : plural(t.log.entries, total)}
        </span>
      }
    >
      <ChainVerdict />
      <div className="filters filters-log">
        <Search label={t.log.search} value={search} onChange={(text) => setSearch(text.slice(0, 80))} />
        <Choose
          label={t.log.act}
          hideLabel
          value={act}
          onChange={setAct}
          options={[
            { value: 'all', label: t.log.anyAct },
            ...(first.data?.acts ?? []).map((value) => ({ value, label: actName(words, value) })),
          ]}
        />
        <Choose
          label={t.log.actor}
          hideLabel
          value={actor}
          onChange={setActor}
          options={[
            { value: 'all', label: t.log.anyActor },
            ...(first.data?.actors ?? []).map((value) => ({ value, label: value })),
          ]}
        />
        <Button
          look="quiet"
          isDisabled={!filtered && search === ''}
          onPress={() => {
            setSearch('');
            setAct('all');
            setActor('all');
          }}
        >
          {t.inventory.clearFilters}
        </Button>
      </div>
      <Panel className="fill">
        {first.error !== null ? (
          <FailureState error={first.error} retry={() => void first.refetch()} />
        ) : first.data?.total === 0 ? (
          <Empty
            icon="ui/log"
            title={filtered ? t.log.noMatch : t.log.empty}
            next={filtered ? t.log.noMatchNext : t.log.emptyNext}
          />
        ) : (
          <VirtualGrid
            label={t.log.table}
            identity={JSON.stringify([rested, act, actor])}
            columns={columns}
            tracks={TRACKS}
            total={total}
            pageKey={(page) => ['audit.page', query(page * PAGE_ROWS), 'rows']}
            fetchPage={async (page, signal) =>
              client === undefined
                ? []
                : (await client.call('audit.page', query(page * PAGE_ROWS), { signal })).entries
            }
            onOpen={setOpen}
          />
        )}
      </Panel>
      {open === undefined ? null : <EntryDialog entry={open} onClose={() => setOpen(undefined)} />}
    </Screen>
  );
}
