// The inventory: every device, searched and filtered at the station, scrolled without a stutter.

import type { ColumnDef } from '@tanstack/react-table';
import { type ReactNode, useMemo, useState } from 'react';
import {
  CREDENTIAL_STATES,
  type CredentialStateName,
  type InventoryFilter,
  type InventoryQuery,
  type InventoryRow,
} from '../../../core/contract/schemas/inventory.ts';
import { Button, Choose, Search } from '../../components/controls.tsx';
import { Empty, FailureState, Panel, Screen, SerialCut, StateTag } from '../../components/parts.tsx';
import { PAGE_ROWS, VirtualGrid } from '../../components/VirtualGrid.tsx';
import { useRested } from '../../data/now.ts';
import { useAsk, useStation } from '../../data/station.tsx';
import { useNavigation } from '../../navigation.ts';
import { useScanner } from '../../scanner/ScannerProvider.tsx';
import { useShortcut } from '../../shortcuts.tsx';
import { useWords, type Words } from '../../words/words.tsx';
import { DevicePage } from './DevicePage.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { IssueDialog } from './IssueDialog.tsx';

const DAY_MS = 86_400_000;
const SINCE = { all: 0, today: 1, week: 7, month: 30 } as const;
type Since = keyof typeof SINCE;

interface Filters {
  readonly search: string;
  readonly state: CredentialStateName | 'all';
  readonly orderId: string;
  readonly targetName: string;
  readonly since: Since;
}
const NO_FILTERS: Filters = { search: '', state: 'all', orderId: 'all', targetName: 'all', since: 'all' };

/** Midnight, so that a filter stays the same filter all day. */
function sinceMs(since: Since): number {
  const midnight = new Date().setHours(0, 0, 0, 0);
  return midnight - (SINCE[since] - 1) * DAY_MS;
}

const filterOf = (filters: Filters): InventoryFilter => ({
  ...(filters.search.trim() === '' ? {} : { search: filters.search.trim() }),
  ...(filters.state === 'all' ? {} : { states: [filters.state] }),
  ...(filters.orderId === 'all' ? {} : { orderId: filters.orderId }),
  ...(filters.targetName === 'all' ? {} : { targetName: filters.targetName }),
  ...(filters.since === 'all' ? {} : { fromMs: sinceMs(filters.since) }),
});

const columnsIn = ({ t, date, moment, number }: Words): readonly ColumnDef<InventoryRow, unknown>[] => [
  {
    id: 'serial',
    header: t.inventory.deviceSerial,
    cell: ({ row }) => (
      <strong>
        <SerialCut text={row.original.deviceSerial} />
      </strong>
    ),
  },
  { id: 'state', header: t.inventory.state, cell: ({ row }) => <StateTag state={row.original.state} /> },
  {
    id: 'hardware',
    header: t.inventory.hardwareId,
    cell: ({ row }) => <span className="mono">{row.original.hardwareId ?? '–'}</span>,
  },
  { id: 'target', header: t.inventory.target, cell: ({ row }) => row.original.targetName },
  { id: 'order', header: t.inventory.order, cell: ({ row }) => row.original.orderName ?? '–' },
  { id: 'runs', header: t.inventory.runs, cell: ({ row }) => number(row.original.runs) },
  {
    id: 'expires',
    header: t.inventory.expires,
    cell: ({ row }) => (row.original.notAfterMs === undefined ? '–' : date(row.original.notAfterMs)),
  },
  { id: 'changed', header: t.inventory.changed, cell: ({ row }) => moment(row.original.changedAtMs) },
];
const TRACKS =
  'minmax(150px, 1.5fr) 120px minmax(120px, 1fr) minmax(90px, 0.8fr) minmax(110px, 1fr) 48px 104px 160px';

function List(): ReactNode {
  const words = useWords();
  const { t, plural } = words;
  const { client } = useStation();
  const { go } = useNavigation();
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [newestFirst, setNewestFirst] = useState(true);
  const [exporting, setExporting] = useState(false);
  const [issuing, setIssuing] = useState(false);
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const orders = useAsk('orders.list', {}).data ?? [];
  const targets = useAsk('catalog.get', {}).data?.targets ?? [];
  const filter = filterOf(useRested(filters, 120));
  const query = (offset: number): InventoryQuery => ({
    filter,
    sort: 'changed',
    descending: newestFirst,
    offset,
    limit: PAGE_ROWS,
  });
  const first = useAsk('inventory.query', query(0), { keepPrevious: true });
  const columns = useMemo(() => columnsIn(words), [words]);
  const change = (values: Partial<Filters>): void => setFilters((old) => ({ ...old, ...values }));
  const filtered = Object.keys(filter).length > 0;
  const total = first.data?.total ?? 0;
  useShortcut('/', () => document.querySelector<HTMLInputElement>('[data-search]')?.focus());
  useScanner((deviceSerial) => go({ screen: 'inventory', deviceSerial }));

  return (
    <Screen
      title={t.inventory.title}
      actions={
        <>
          <span className="dim" role="status">
            {first.data === undefined ? '' : plural(t.inventory.count, total)}
          </span>
          <Button look="quiet" onPress={() => setNewestFirst(!newestFirst)}>
            {newestFirst ? t.inventory.newestFirst : t.inventory.oldestFirst}
          </Button>
          {supervisor ? (
            <>
              <Button icon="phases/issue" onPress={() => setIssuing(true)}>
                {t.requests.open}
              </Button>
              <Button icon="ui/save" onPress={() => setExporting(true)} isDisabled={total === 0}>
                {t.inventory.export}
              </Button>
            </>
          ) : null}
        </>
      }
    >
      <div className="filters">
        <Search
          label={t.inventory.search}
          value={filters.search}
          onChange={(search) => change({ search: search.slice(0, 80) })}
        />
        <Choose
          label={t.inventory.state}
          hideLabel
          value={filters.state}
          onChange={(state) => change({ state })}
          options={[
            { value: 'all' as const, label: t.inventory.anyState },
            ...CREDENTIAL_STATES.map((state) => ({ value: state, label: t.states[state] })),
          ]}
        />
        <Choose
          label={t.inventory.order}
          hideLabel
          value={filters.orderId}
          onChange={(orderId) => change({ orderId })}
          options={[
            { value: 'all', label: t.inventory.anyOrder },
            ...orders.map(({ orderId, name }) => ({ value: orderId, label: name })),
          ]}
        />
        <Choose
          label={t.inventory.target}
          hideLabel
          value={filters.targetName}
          onChange={(targetName) => change({ targetName })}
          options={[
            { value: 'all', label: t.inventory.anyTarget },
            ...targets.map(({ name, title }) => ({ value: name, label: title })),
          ]}
        />
        <Choose
          label={t.inventory.since}
          hideLabel
          value={filters.since}
          onChange={(since) => change({ since })}
          options={[
            { value: 'all', label: t.inventory.sinceAll },
            { value: 'today', label: t.inventory.sinceToday },
            { value: 'week', label: t.inventory.sinceWeek },
            { value: 'month', label: t.inventory.sinceMonth },
          ]}
        />
        <Button look="quiet" isDisabled={filters === NO_FILTERS} onPress={() => setFilters(NO_FILTERS)}>
          {t.inventory.clearFilters}
        </Button>
      </div>
      <Panel className="fill">
        {first.error !== null ? (
          <FailureState error={first.error} retry={() => void first.refetch()} />
        ) : first.data?.total === 0 ? (
          filtered ? (
            <Empty icon="ui/search" title={t.inventory.noMatch} next={t.inventory.noMatchNext} />
          ) : (
            <Empty icon="ui/inventory" title={t.inventory.empty} next={t.inventory.emptyNext} />
          )
        ) : (
          <VirtualGrid
            label={t.inventory.table}
            identity={JSON.stringify([filter, newestFirst])}
            columns={columns}
            tracks={TRACKS}
            total={total}
            pageKey={(page) => ['inventory.query', query(page * PAGE_ROWS), 'rows']}
            fetchPage={async (page, signal) =>
              client === undefined
                ? []
                : (await client.call('inventory.query', query(page * PAGE_ROWS), { signal })).rows
            }
            onOpen={({ deviceSerial }) => go({ screen: 'inventory', deviceSerial })}
          />
        )}
      </Panel>
      {issuing ? <IssueDialog onClose={() => setIssuing(false)} /> : null}
      {exporting ? <ExportDialog filter={filter} total={total} onClose={() => setExporting(false)} /> : null}
    </Screen>
  );
}

export function Inventory(): ReactNode {
  const { place, go } = useNavigation();
  const open = place.deviceSerial;
  return (
    <>
      {/* The list keeps its place and filters while a device is open. */}
      <div hidden={open !== undefined} className="keep">
        <List />
      </div>
      {open === undefined ? null : (
        <DevicePage key={open} deviceSerial={open} onBack={() => go({ screen: 'inventory' })} />
      )}
    </>
  );
}
