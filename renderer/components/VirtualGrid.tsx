// A list of any length: only the rows in sight exist, in pages fetched as they come into sight. One tab stop; arrows move.

import { useQueries } from '@tanstack/react-query';
import { type ColumnDef, flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';

const ROW_HEIGHT_PX = 44;
const HEAD_HEIGHT_PX = 40;
export const PAGE_ROWS = 100;

export interface VirtualGridProps<Row> {
  readonly label: string;
  /** Changes when the rows mean something else: the list goes back to its beginning. */
  readonly identity: string;
  readonly columns: readonly ColumnDef<Row, unknown>[];
  /** CSS grid tracks, one per column. */
  readonly tracks: string;
  readonly total: number;
  readonly pageKey: (page: number) => readonly unknown[];
  readonly fetchPage: (page: number, signal: AbortSignal) => Promise<readonly Row[]>;
  readonly onOpen?: (row: Row) => void;
}

export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactNode {
  const { label, identity, columns, tracks, total, pageKey, fetchPage, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
    // The heading stays above the rows and covers none of them.
    scrollMargin: HEAD_HEIGHT_PX,
    scrollPaddingStart: HEAD_HEIGHT_PX,
  });
  const items = virtual.getVirtualItems();
  const firstPage = Math.floor((items[0]?.index ?? 0) / PAGE_ROWS);
  const lastPage = Math.floor((items.at(-1)?.index ?? 0) / PAGE_ROWS);
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index);
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: pageKey(page),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchPage(page, signal),
      staleTime: 10_000,
      enabled: total > 0,
    })),
  });
  const rowAt = (index: number): Row | undefined =>
    answers[Math.floor(index / PAGE_ROWS) - firstPage]?.data?.[index % PAGE_ROWS];

  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const freshness = answers.map((answer) => answer.dataUpdatedAt).join();
  // The table takes a new list for a new state: it must be the same list while it says the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in sight and how fresh it is decide the list
  const inSight = useMemo(
    () =>
      Array.from({ length: last - first + 1 }, (_, place) => first + place).flatMap((index) => {
        const row = rowAt(index);
        return row === undefined ? [] : [{ index, row }];
      }),
    [first, last, freshness, identity],
  );
  const data = useMemo(() => inSight.map(({ row }) => row), [inSight]);
  const columnList = useMemo(() => [...columns], [columns]);
  const table = useReactTable({
    data,
    columns: columnList,
    getCoreRowModel: getCoreRowModel(),
    autoResetAll: false,
  });
  const modelOf = new Map(table.getRowModel().rows.map((row, place) => [inSight[place]?.index ?? -1, row]));

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new list goes back to the top
  useEffect(() => {
    setActive(0);
    scroller.current?.scrollTo({ top: 0 });
  }, [identity]);

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(total - 1, to));
    setActive(index);
    virtual.scrollToIndex(index);
  };
  const press = (event: KeyboardEvent): void => {
    const perPage = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT_PX) - 1);
    const target: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + perPage,
      PageUp: active - perPage,
      Home: 0,
      End: total - 1,
    };
    const to = target[event.key];
    const row = rowAt(active);
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && row !== undefined) onOpen?.(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="grid-table"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={items.some(({ index }) => index === active) ? `${baseId}-${active}` : undefined}
      style={{ '--columns': tracks } as CSSProperties}
      onKeyDown={press}
    >
      <div role="rowgroup" className="grid-head">
        {table.getHeaderGroups().map((group) => (
          <div key={group.id} className="grid-row" role="row" aria-rowindex={1}>
            {group.headers.map((header) => (
              <div key={header.id} role="columnheader" className="cut">
                {flexRender(header.column.columnDef.header, header.getContext())}
              </div>
            ))}
          </div>
        ))}
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, size }) => {
          const row = rowAt(index);
          return (
            <div
              key={index}
              id={`${baseId}-${index}`}
              className="grid-row"
              role="row"
              aria-rowindex={index + 2}
              aria-selected={index === active}
              style={{ height: size, transform: `translateY(${start - HEAD_HEIGHT_PX}px)` }}
              onClick={() => {
                setActive(index);
                if (row !== undefined) onOpen?.(row);
              }}
            >
              {modelOf
                .get(index)
                ?.getVisibleCells()
                .map((cell) => (
                  <div key={cell.id} role="gridcell" className="cut">
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </div>
                )) ?? (
                <div role="gridcell" className="dim">
                  …
                </div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
