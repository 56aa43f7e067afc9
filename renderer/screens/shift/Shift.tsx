// The shift in figures: how many, how good, how fast, and where it goes wrong.

import { type ReactNode, useState } from 'react';
import type { Shift as Figures } from '../../../core/contract/schemas/orders.ts';
import { Choose } from '../../components/controls.tsx';
import { Empty, FailureState, Figure, Panel, Screen } from '../../components/parts.tsx';
import { useNow } from '../../data/now.ts';
import { useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { BucketChart } from './BucketChart.tsx';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
type Period = 'shift' | 'today' | 'yesterday' | 'week';

function rangeOf(period: Period, nowMs: number): { fromMs: number; toMs: number } {
  const midnight = new Date(nowMs).setHours(0, 0, 0, 0);
  switch (period) {
    case 'shift':
      return { fromMs: nowMs - 8 * HOUR_MS, toMs: nowMs };
    case 'today':
      return { fromMs: midnight, toMs: nowMs };
    case 'yesterday':
      return { fromMs: midnight - 24 * HOUR_MS, toMs: midnight };
    case 'week':
      return { fromMs: midnight - 6 * 24 * HOUR_MS, toMs: nowMs };
  }
}

const WORTH_SHOWING = 0.03;

interface Bar {
  readonly name: string;
  /** Drawn first, paler. */
  readonly behind?: number;
  readonly value: number;
  readonly text: string;
  readonly bad?: boolean;
}

function Bars({ bars }: { bars: readonly Bar[] }): ReactNode {
  const longest = Math.max(0.001, ...bars.map((bar) => Math.max(bar.value, bar.behind ?? 0)));
  const width = (value: number): string => `${(100 * value) / longest}%`;
  return (
    <div className="bars">
      {bars.map((bar) => (
        <div key={bar.name} style={{ display: 'contents' }}>
          <span>{bar.name}</span>
          <span className="track">
            {bar.behind === undefined ? null : <i style={{ width: width(bar.behind) }} />}
            <i style={{ width: width(bar.value) }} {...(bar.bad ? { 'data-bad': '' } : {})} />
          </span>
          <span className="number">{bar.text}</span>
        </div>
      ))}
    </div>
  );
}

function Sheet({ figures }: { figures: Figures }): ReactNode {
  const { t, fill, number, percent, failure } = useWords();
  const seconds = (value: number): string =>
    fill(t.common.seconds, { seconds: number(value, value < 1 ? 2 : 1) });
  const slowest = Math.max(0, ...figures.phases.map((one) => one.slowestSeconds));
  // What takes no part of the time is nothing to look at.
  const slowPhases = figures.phases.filter((one) => one.slowestSeconds >= slowest * WORTH_SHOWING);
  return (
    <div className="shift">
      <section className="panel shift-figures" aria-label={t.shift.title}>
        <Figure
          label={t.shift.unitsPerHour}
          value={
            figures.unitsPerHour === undefined
              ? '–'
              : number(figures.unitsPerHour, figures.unitsPerHour < 10 ? 1 : 0)
          }
        />
        <Figure label={t.shift.passed} value={number(figures.passed)} />
        <Figure label={t.shift.yield} value={percent(figures.yield)} />
        <Figure label={t.shift.firstPass} value={percent(figures.firstPassYield)} />
        <Figure
          label={t.shift.medianRun}
          value={figures.medianRunSeconds === undefined ? '–' : seconds(figures.medianRunSeconds)}
        />
      </section>
      <Panel
        title={t.shift.perQuarter}
        className="shift-chart"
        actions={
          <div className="legend">
            <span className="swatch-pass">{t.shift.passed}</span>
            <span className="swatch-fail">{t.shift.failed}</span>
          </div>
        }
      >
        <BucketChart buckets={figures.buckets} />
      </Panel>
      <Panel
        title={t.shift.phases}
        className="scroll"
        actions={<span className="small dim">{t.shift.medianAndSlowest}</span>}
      >
        <Bars
          bars={slowPhases.map((one) => ({
            name: t.phases[one.phase],
            behind: one.slowestSeconds,
            value: one.medianSeconds,
            text: `${seconds(one.medianSeconds)} / ${seconds(one.slowestSeconds)}`,
          }))}
        />
      </Panel>
      <Panel title={t.shift.bays} className="scroll">
        <Bars
          bars={figures.bays.map((one) => ({
            name: fill(t.provision.bay, { bay: one.bayName }),
            value: one.failed,
            text: fill(t.shift.failedOf, { failed: number(one.failed), runs: number(one.runs) }),
            bad: true,
          }))}
        />
      </Panel>
      <Panel title={t.shift.failures} className="scroll">
        {figures.failures.length === 0 ? <p className="panel-body dim">{t.shift.noFailures}</p> : null}
        <ul className="failure-list">
          {figures.failures.map(({ code, count }) => (
            <li key={code} className="row">
              <strong className="number">{number(count)}</strong>
              <span>{failure({ code, details: {} }).what}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

export function Shift(): ReactNode {
  const { t } = useWords();
  const [period, setPeriod] = useState<Period>('shift');
  const nowMs = Math.floor(useNow(MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const asked = useAsk('shift.get', rangeOf(period, nowMs), { keepPrevious: true });
  return (
    <Screen
      title={t.shift.title}
      actions={
        <Choose
          label={t.shift.period}
          hideLabel
          value={period}
          onChange={setPeriod}
          options={[
            { value: 'shift', label: t.shift.thisShift },
            { value: 'today', label: t.shift.today },
            { value: 'yesterday', label: t.shift.yesterday },
            { value: 'week', label: t.shift.week },
          ]}
        />
      }
    >
      {asked.error !== null ? (
        <FailureState error={asked.error} retry={() => void asked.refetch()} />
      ) : asked.data === undefined ? null : asked.data.runs === 0 ? (
        <Empty icon="ui/shift" title={t.shift.empty} next={t.shift.emptyNext} />
      ) : (
        <Sheet figures={asked.data} />
      )}
    </Screen>
  );
}
