// What the packaged window costs: from process start to the first screen that takes input, memory after many runs, frames
// with sixteen bays at work, and a list of 100,000 devices. Under Xvfb every pixel is drawn by the processor.
// KEYLINE_BENCH_RUNS and KEYLINE_BENCH_DEVICES make it smaller.

import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { launch, missingApp, type RunningApp } from '../e2e/app/electron.ts';
import { type Bench, openBench } from '../e2e/app/fleet.ts';
import { fillInventory, foundStation } from '../e2e/app/founded.ts';
import { bay, bayIn, goTo, SUPERVISOR, signIn, unlock } from '../e2e/app/journey.ts';
import { takePort } from '../e2e/app/port.ts';
import { median, printRows } from './measure.ts';

const BAYS = Array.from({ length: 16 }, (_, index) => `${'AB'[Math.floor(index / 8)]}${(index % 8) + 1}`);
const RUNS = Number(process.env.KEYLINE_BENCH_RUNS ?? 1_000);
const DEVICES = Number(process.env.KEYLINE_BENCH_DEVICES ?? 100_000);
const STARTS = 5;
const FRAME_SECONDS = 15;

export async function benchWindow(): Promise<void> {
  if (missingApp !== undefined) return console.log(`\nwindow: ${missingApp}`);
  const bench = openBench(BAYS);
  try {
    await foundStation(bench.dataRoot);
    fillInventory(bench.dataRoot, DEVICES);
    await benchStart(bench);
    const running = await launch(bench);
    try {
      await signIn(running.page, SUPERVISOR.pin);
      await unlock(running.page);
      await benchInventory(running.page);
      await benchRuns(running, bench);
    } finally {
      await running.close();
    }
  } finally {
    await bench.close();
  }
}

async function benchStart(bench: Bench): Promise<void> {
  const took: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const startedMs = performance.now();
    const running = await launch(bench);
    await running.page.getByRole('button', { name: SUPERVISOR.name }).waitFor();
    took.push(performance.now() - startedMs);
    await running.close();
  }
  printRows(
    `Start with ${DEVICES} devices, ${STARTS} times`,
    ['what', 'median ms', 'worst ms'],
    [
      [
        'process start to the sign-in screen, debugger attached',
        median(took).toFixed(0),
        Math.max(...took).toFixed(0),
      ],
    ],
  );
}

/** Time between frames, in order of length, while `during` lasts. */
async function frames(page: Page, during: () => Promise<unknown>): Promise<readonly number[]> {
  await page.evaluate(() => {
    const own = globalThis as unknown as { frames: number[]; counting: boolean };
    own.frames = [];
    own.counting = true;
    let before = performance.now();
    const next = (nowMs: number): void => {
      own.frames.push(nowMs - before);
      before = nowMs;
      if (own.counting) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await during();
  return page.evaluate(() => {
    const own = globalThis as unknown as { frames: number[]; counting: boolean };
    own.counting = false;
    return own.frames.slice(1).sort((a, b) => a - b);
  });
}

const frameRow = (what: string, times: readonly number[]): string[] => [
  what,
  String(times.length),
  ...[0.5, 0.95, 1].map((share) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1),
  ),
];

async function benchInventory(page: Page): Promise<void> {
  await goTo(page, 'Inventory');
  await page.getByRole('grid').getByText('FILL-').first().waitFor();
  const scrolled = await frames(page, () =>
    page.getByRole('grid').evaluate(async (grid) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      for (let step = 0; step < 300; step += 1) {
        grid.scrollBy({ top: step < 200 ? 120 : 20_000 });
        await frame();
      }
    }),
  );
  await takePort(page);
  const middle = `FILL-${String(DEVICES / 2).padStart(7, '0')}`;
  const queries: Record<string, Record<string, unknown>> = {
    'first page': {},
    'one serial': { filter: { search: middle } },
    'a part that all share': { filter: { search: 'FILL' } },
    'nothing like it': { filter: { search: 'zzz' } },
    'verified only': { filter: { states: ['verified'] } },
    'by serial, from the middle': { sort: 'deviceSerial', offset: Math.floor(DEVICES / 2) },
    'by expiry': { sort: 'expiry' },
    'the last page': { offset: Math.max(0, DEVICES - 100) },
  };
  const rows = await page.evaluate(async (asked) => {
    const { ask } = globalThis as unknown as { ask(method: string, input: unknown): Promise<unknown> };
    const found: [string, number[]][] = [];
    for (const [what, query] of Object.entries(asked)) {
      const took: number[] = [];
      for (let time = 0; time < 7; time += 1) {
        const startedMs = performance.now();
        await ask('inventory.query', {
          filter: {},
          sort: 'changed',
          descending: true,
          offset: 0,
          limit: 100,
          ...query,
        });
        took.push(performance.now() - startedMs);
      }
      found.push([what, took]);
    }
    return found;
  }, queries);
  printRows(
    `Inventory of ${DEVICES}, asked and answered as the window does`,
    ['query', 'median ms', 'worst ms', 'limit ms'],
    rows.map(([what, took]) => [what, median(took).toFixed(1), Math.max(...took).toFixed(1), '50']),
  );
  printRows(
    'Frames while the list scrolls',
    ['what', 'frames', 'median ms', 'p95 ms', 'worst ms'],
    [frameRow('200 steps of 120 px, 100 of 20,000 px', scrolled)],
  );
  await page.reload();
}

async function benchRuns({ app, page }: RunningApp, bench: Bench): Promise<void> {
  await signInAgain(page);
  await goTo(page, 'Provision');
  for (const name of BAYS) await bench.plug(name);
  for (const name of BAYS) await bayIn(page, name, 'ready').waitFor({ timeout: 60_000 });
  const before = memoryOf(app.process().pid ?? 0);
  const idle = await frames(page, () => page.waitForTimeout(3_000));
  const stop = await runInEveryBay(page, Number.POSITIVE_INFINITY);
  await page.waitForTimeout(1_000);
  const busy = await frames(page, () => page.waitForTimeout(FRAME_SECONDS * 1_000));
  await stop();
  printRows(
    `Frames with ${BAYS.length} bays`,
    ['what', 'frames', 'median ms', 'p95 ms', 'worst ms'],
    [frameRow('all ready', idle), frameRow('all running', busy)],
  );
  const startedMs = performance.now();
  const runs = await (await runInEveryBay(page, RUNS))();
  const after = memoryOf(app.process().pid ?? 0);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const megabytes = (value: number | undefined): string => ((value ?? 0) / 1024).toFixed(0);
  const total = (all: ReadonlyMap<string, number>): number => [...all.values()].reduce((a, b) => a + b, 0);
  printRows(
    `Memory after ${runs} runs (${((performance.now() - startedMs) / 1000).toFixed(0)} s), proportional set size`,
    ['process', 'MB before', 'MB after'],
    [
      ...names.map((name) => [name, megabytes(before.get(name)), megabytes(after.get(name))]),
      ['all', megabytes(total(before)), megabytes(total(after))],
    ],
  );
}

async function signInAgain(page: Page): Promise<void> {
  const first = page.getByRole('navigation').or(page.getByRole('button', { name: SUPERVISOR.name }));
  await first.first().waitFor();
  if ((await page.getByRole('navigation').count()) === 0) await signIn(page, SUPERVISOR.pin);
  await bay(page, 'A1').or(page.getByRole('navigation')).first().waitFor();
}

/** Starts every bay anew as soon as it has its verdict, until told to stop or `runs` have been started; gives their number. */
async function runInEveryBay(page: Page, runs: number): Promise<() => Promise<number>> {
  await takePort(page);
  await page.evaluate(
    ([names, wanted]) => {
      const ASK_AGAIN_MS = 200;
      interface View {
        readonly bayName: string;
        readonly state: string;
        readonly run?: { readonly outcome?: string };
      }
      const own = globalThis as unknown as {
        ask(method: string, input: unknown): Promise<unknown>;
        work: { going: boolean; started: number; ended: Promise<void> };
      };
      const work = { going: true, started: 0, ended: Promise.resolve() };
      own.work = work;
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      work.ended = (async () => {
        for (;;) {
          const bays = (await own.ask('bays.list', {})) as View[];
          const free = bays.filter(({ state }) => state === 'ready' || state === 'done');
          const more = work.going && work.started < wanted;
          if (!more && free.length === names.length) return;
          if (more) {
            for (const { bayName, run } of free) {
              if (run !== undefined && run.outcome !== 'pass') throw new Error(`${bayName}: ${run.outcome}`);
              work.started += 1;
              await own.ask('bays.start', { bayName, deviceSerial: `BENCH-${bayName}`, replace: true });
            }
          }
          await wait(ASK_AGAIN_MS);
        }
      })();
    },
    [BAYS, runs] as const,
  );
  return () =>
    page.evaluate(async (whole) => {
      const { work } = globalThis as unknown as {
        work: { going: boolean; started: number; ended: Promise<void> };
      };
      work.going = whole;
      await work.ended;
      return work.started;
    }, runs < Number.POSITIVE_INFINITY);
}

/** Kilobytes by kind of process, shared pages in equal parts: the process and all that it started but the simulators. */
function memoryOf(mainPid: number): ReadonlyMap<string, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isNaN(pid) ? undefined : fileOf(pid, 'stat')?.split(') ')[1]?.split(' ')[1];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === mainPid || isOurs(parents.get(pid)));
  const found = new Map<string, number>();
  for (const pid of parents.keys()) {
    if (!isOurs(pid)) continue;
    const command = fileOf(pid, 'cmdline') ?? '';
    const kind = command.includes('node.mojom.NodeService')
      ? 'station'
      : (/--type=([a-z-]+)/.exec(command)?.[1] ?? 'main');
    const size = Number(/^Pss:\s+(\d+)/m.exec(fileOf(pid, 'smaps_rollup') ?? '')?.[1] ?? 0);
    found.set(kind, (found.get(kind) ?? 0) + size);
  }
  return found;
}

function fileOf(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
