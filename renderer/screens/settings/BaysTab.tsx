// The bench's layout: bays where they stand, each tied to a USB serial number or a place on the hub.

import { type ReactNode, useEffect, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import type { BayLayout, Binding } from '../../../core/contract/schemas/bays.ts';
import { Button, Choose, Field } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { FailureNote, Note, Panel } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import {
  addBay,
  BENCH_COLUMNS,
  BENCH_ROWS,
  bayAt,
  bindBay,
  bindingsOf,
  layoutOf,
  namesClash,
  proposeBays,
  removeBay,
  renameBay,
} from './layout.ts';

const keyOf = (binding: Binding | undefined): string =>
  binding === undefined ? 'none' : `${binding.kind} ${binding.value}`;

export function BaysTab(): ReactNode {
  const { t, fill, plural } = useWords();
  const toasts = useToasts();
  const bays = useAsk('bays.list', {}).data;
  const ports = useAsk('bays.ports', {}).data ?? [];
  const save = useAct('bays.saveLayout', ['bays.list', 'bays.ports']);
  const [layout, setLayout] = useState<readonly BayLayout[]>();
  const [chosen, setChosen] = useState(0);
  useEffect(() => {
    if (bays !== undefined) setLayout((known) => known ?? layoutOf(bays));
  }, [bays]);
  if (layout === undefined || bays === undefined) return null;

  const bay = layout[chosen];
  const changed = JSON.stringify(layout) !== JSON.stringify(layoutOf(bays));
  const clash = namesClash(layout);
  const free = proposeBays(layout, ports).length - layout.length;
  const bindings = new Map<string, { readonly binding: Binding | undefined; readonly label: string }>([
    ['none', { binding: undefined, label: t.settings.unbound }],
    ...(bay?.binding === undefined
      ? []
      : [[keyOf(bay.binding), { binding: bay.binding, label: bay.binding.value }] as const]),
    ...ports.flatMap((port) =>
      bindingsOf(port).map(
        (binding) =>
          [
            keyOf(binding),
            {
              binding,
              label: `${binding.kind === 'location' ? t.settings.byLocation : t.settings.byUsb} ${binding.value}`,
            },
          ] as const,
      ),
    ),
  ]);
  const cells = Array.from({ length: BENCH_ROWS * BENCH_COLUMNS }, (_, index) => ({
    row: Math.floor(index / BENCH_COLUMNS),
    column: index % BENCH_COLUMNS,
  }));
  return (
    <div className="settings-columns">
      <Panel
        title={t.settings.bench}
        actions={
          <>
            {changed ? <span className="tag tag-warning">{t.settings.baysUnsaved}</span> : null}
            <Button
              small
              look="primary"
              isDisabled={!changed || clash || save.isPending}
              onPress={() =>
                save.mutate(
                  { bays: layout.map((one) => ({ ...one, bayName: one.bayName.trim() })) },
                  { onSuccess: () => toasts.say(t.settings.saved) },
                )
              }
            >
              {t.settings.saveLayout}
            </Button>
          </>
        }
      >
        <div className="panel-body stack">
          <p className="dim">{t.settings.baysLead}</p>
          <div>
            <p className="small dim bench-edge">{t.settings.back}</p>
            <div className="bench-plan">
              {cells.map(({ row, column }) => {
                const here = bayAt(layout, row, column);
                const place = here === undefined ? -1 : layout.indexOf(here);
                return (
                  <ToggleButton
                    key={`${row}-${column}`}
                    className="bench-cell"
                    aria-label={
                      here === undefined
                        ? `${t.settings.addBay}, ${t.settings.row} ${row + 1}, ${t.settings.column} ${column + 1}`
                        : fill(t.settings.editBay, { bay: here.bayName })
                    }
                    isSelected={here !== undefined && place === chosen}
                    {...(here === undefined ? {} : { 'data-bay': here.bayName })}
                    onChange={() => {
                      if (here !== undefined) setChosen(place);
                      else {
                        setLayout(addBay(layout, row, column));
                        setChosen(layout.length);
                      }
                    }}
                  >
                    {here?.bayName ?? <Icon name="ui/plus" size={16} />}
                  </ToggleButton>
                );
              })}
            </div>
            <p className="small dim bench-edge">{t.settings.front}</p>
          </div>
          {clash ? (
            <Note look="bad" icon="ui/warning">
              {t.settings.duplicate}
            </Note>
          ) : null}
          <FailureNote error={save.error} />
        </div>
      </Panel>
      <div className="stack">
        <Panel
          title={bay === undefined ? t.settings.chooseBay : fill(t.settings.editBay, { bay: bay.bayName })}
        >
          {bay === undefined ? (
            <p className="panel-body dim">{t.settings.chooseBay}</p>
          ) : (
            <div className="panel-body stack">
              <Field
                label={t.settings.bayName}
                value={bay.bayName}
                onChange={(name) => setLayout(renameBay(layout, chosen, name))}
                maxLength={24}
              />
              <Choose
                label={t.settings.boundTo}
                value={keyOf(bay.binding)}
                onChange={(key) => setLayout(bindBay(layout, chosen, bindings.get(key)?.binding))}
                options={[...bindings].map(([value, { label }]) => ({ value, label }))}
              />
              <Button
                onPress={() => {
                  setLayout(removeBay(layout, chosen));
                  setChosen(0);
                }}
              >
                {fill(t.settings.removeBay, { bay: bay.bayName })}
              </Button>
            </div>
          )}
        </Panel>
        <Panel
          title={t.settings.ports}
          actions={
            free === 0 ? undefined : (
              <Button small icon="ui/plus" onPress={() => setLayout(proposeBays(layout, ports))}>
                {plural(t.provision.usePorts, free)}
              </Button>
            )
          }
        >
          {ports.length === 0 ? <p className="panel-body dim">{t.settings.noPorts}</p> : null}
          {ports.map((port) => (
            <div key={port.path} className="export-row">
              <Icon name="ui/usb" />
              <div>
                <p className="cut">{port.product ?? port.manufacturer ?? port.path}</p>
                <p className="small dim mono cut">
                  {port.path} · {port.usbSerialNumber ?? port.location}
                </p>
              </div>
              <span className={port.bayName === undefined ? 'tag' : 'tag tag-accent'}>
                {port.bayName === undefined ? t.settings.free : fill(t.settings.inBay, { bay: port.bayName })}
              </span>
            </div>
          ))}
        </Panel>
      </div>
    </div>
  );
}
