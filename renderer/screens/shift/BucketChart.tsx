// Passed and failed devices over time, drawn by uPlot in the theme's colours.

import { type ReactNode, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import type { Shift } from '../../../core/contract/schemas/orders.ts';
import { useWords } from '../../words/words.tsx';

const GAP_PX = 2;

export function BucketChart({ buckets }: { buckets: Shift['buckets'] }): ReactNode {
  const { t, plural, time, number } = useWords();
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const bars = UPlot.paths.bars?.({ size: [0.9, 40], gap: GAP_PX });
    const draw = (): UPlot => {
      const colour = (role: string): string =>
        getComputedStyle(document.documentElement).getPropertyValue(role).trim();
      const axis = {
        stroke: colour('--dim'),
        font: '13px Inter, "Segoe UI", system-ui, sans-serif',
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
      };
      const step = ((buckets[1]?.startMs ?? 900_000) - (buckets[0]?.startMs ?? 0)) / 1_000;
      const total = buckets.map((bucket) => bucket.passed + bucket.failed);
      const series = (fill: string) => ({
        fill,
        stroke: fill,
        width: 0,
        points: { show: false },
        ...(bars ? { paths: bars } : {}),
      });
      return new UPlot(
        {
          width: Math.max(200, box.clientWidth),
          height: Math.max(80, box.clientHeight),
          legend: { show: false },
          cursor: { show: false },
          select: { show: false, left: 0, top: 0, width: 0, height: 0 },
          scales: {
            x: { time: true, range: (_, min, max) => [min - step / 2, max + step / 2] },
            y: { range: (_, __, max) => [0, Math.max(5, max * 1.1)] },
          },
          axes: [
            {
              ...axis,
              size: 30,
              grid: { show: false },
              values: (_, ticks) => ticks.map((tick) => time(tick * 1_000)),
            },
            { ...axis, size: 44, values: (_, ticks) => ticks.map((tick) => number(tick)) },
          ],
          // The whole bar in the colour of failure, the passed part over it: stacked without arithmetic on screen.
          series: [{}, series(colour('--chart-fail')), series(colour('--chart-pass'))],
        },
        [buckets.map((bucket) => bucket.startMs / 1_000), total, buckets.map((bucket) => bucket.passed)],
        box,
      );
    };
    let chart = draw();
    const again = (): void => {
      chart.destroy();
      chart = draw();
    };
    const resized = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(200, box.clientWidth), height: Math.max(80, box.clientHeight) }),
    );
    resized.observe(box);
    const themed = new MutationObserver(again);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      chart.destroy();
    };
  }, [buckets, time, number]);

  const passed = buckets.reduce((sum, bucket) => sum + bucket.passed, 0);
  return (
    <div
      className="chart"
      role="img"
      aria-label={`${t.shift.chart}: ${plural(t.inventory.count, passed)} ${t.shift.passed.toLowerCase()}`}
    >
      <div ref={place} className="chart-place" />
    </div>
  );
}
