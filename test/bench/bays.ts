// How the station scales over bays: whole runs, from opening the port to the closed record, on simulated devices behind real
// pseudo-terminals, each a process of its own. The station's own CPU is what a station's computer must have; where the devices'
// processes and the station want more cores than there are, the devices are what is slow, and the line above the tables says so.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { PHASES, type Phase } from '../../core/domain/run.ts';
import { Secret } from '../../core/domain/secret.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { drivers } from '../../core/host/drivers.ts';
import { initStation } from '../../core/host/initStation.ts';
import { type OpenedStation, openStation } from '../../core/host/openStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { simulatorEntryPath } from '../../core/simulator/host/entryPath.ts';
import { spawnSimulator } from '../../core/simulator/host/spawnSimulator.ts';
import type { RunEvent } from '../../core/station/events.ts';
import { provision } from '../../core/station/provision/provision.ts';
import { median, printRows } from './measure.ts';
import { PROFILES, TARGETS, temporaryFolder } from './station.ts';

const BAYS = [1, 2, 4, 8, 16];
const RUNS_PER_BAY = 4;
const REPETITIONS = 3;

interface Figures {
  readonly devicesPerMinute: number;
  readonly secondsPerRun: number;
  /** Of the station's process alone, over the time that the bays worked. */
  readonly cores: number;
  readonly cpuSecondsPerRun: number;
  readonly phasesMs: readonly PhaseTimes[];
}

type PhaseTimes = Partial<Record<Phase, number>>;

const passphrase = (): Secret => Secret.fromText('a passphrase for nothing');

export async function benchBays(): Promise<void> {
  const root = temporaryFolder();
  const folder = dataFolder(join(root, 'station'));
  initStation({
    folder,
    site: 'Bench',
    name: 'bench',
    operatorName: 'bench',
    passphrase: passphrase(),
    clock: systemClock,
    random: systemRandom,
  });
  const station = await openStation({
    folder,
    passphrase: passphrase(),
    profilesFolder: PROFILES,
    operatorName: 'bench',
  });
  const rows: string[][] = [];
  const phases = new Map<number, readonly PhaseTimes[]>();
  let single: number | undefined;
  try {
    for (const bays of BAYS) {
      const figures: Figures[] = [];
      for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
        figures.push(await runBays(station, bays, `${bays}-${repetition}`));
      }
      const rate = median(figures.map((one) => one.devicesPerMinute));
      single ??= rate;
      rows.push([
        String(bays),
        rate.toFixed(0),
        (rate / single).toFixed(2),
        `${((100 * rate) / (single * bays)).toFixed(0)} %`,
        median(figures.map((one) => one.secondsPerRun)).toFixed(2),
        median(figures.map((one) => one.cores)).toFixed(2),
        (1000 * median(figures.map((one) => one.cpuSecondsPerRun))).toFixed(0),
      ]);
      phases.set(
        bays,
        figures.flatMap((one) => one.phasesMs),
      );
    }
  } finally {
    await station.close();
  }
  printRows(
    `Bays in parallel, ${RUNS_PER_BAY} runs each, median of ${REPETITIONS}; ${availableParallelism()} cores for station and devices together`,
    [
      'bays',
      'devices/min',
      'times one bay',
      'of linear',
      's per run',
      'cores used by the station',
      'its CPU ms per run',
    ],
    rows,
  );
  printRows(
    'Where the time of a run goes: median milliseconds per phase',
    ['phase', ...[...phases.keys()].map((bays) => `${bays} ${bays === 1 ? 'bay' : 'bays'}`)],
    PHASES.filter((phase) => [...phases.values()].some((runs) => runs.some((run) => phase in run))).map(
      (phase) => [
        phase,
        ...[...phases.values()].map((runs) => median(runs.map((run) => run[phase] ?? 0)).toFixed(0)),
      ],
    ),
  );
}

/** Listens to one run and keeps how long each phase took. */
function phaseClock(): { readonly times: PhaseTimes; listener(event: RunEvent): void } {
  const times: PhaseTimes = {};
  let begunAtMs = 0;
  return {
    times,
    listener(event) {
      if (event.kind === 'phase-begun') begunAtMs = performance.now();
      if (event.kind === 'phase-ended') times[event.phase] = performance.now() - begunAtMs;
    },
  };
}

async function runBays(station: OpenedStation, bays: number, label: string): Promise<Figures> {
  const target = loadTargets(TARGETS, drivers).target('zephyr-shell');
  const profile = profileNamed(loadProfiles(PROFILES), 'tls-client');
  const simulators = await Promise.all(
    Array.from({ length: bays }, () =>
      spawnSimulator({ entryPath: simulatorEntryPath, device: { backend: 'protected' } }),
    ),
  );
  try {
    const cpuBefore = process.cpuUsage();
    const startedAtMs = performance.now();
    const runs = await Promise.all(
      simulators.map(async (simulator, bay) => {
        const done: { readonly durationMs: number; readonly times: PhaseTimes }[] = [];
        for (let run = 0; run < RUNS_PER_BAY; run += 1) {
          const { times, listener } = phaseClock();
          const result = await provision(station.ports, {
            deviceSerial: parseDeviceSerial(`B-${label}-${bay}`),
            orderId: undefined,
            orderName: undefined,
            bayName: `bay-${bay + 1}`,
            portPath: simulator.path,
            operatorName: 'bench',
            site: station.facts.site,
            target,
            profile,
            replace: true,
            signal: new AbortController().signal,
            listener,
          });
          if (result.outcome !== 'pass')
            throw new Error(`a run did not pass: ${JSON.stringify(result.failure)}`);
          done.push({ durationMs: result.durationMs, times });
        }
        return done;
      }),
    );
    const seconds = (performance.now() - startedAtMs) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuSeconds = (user + system) / 1e6;
    return {
      devicesPerMinute: (bays * RUNS_PER_BAY * 60) / seconds,
      secondsPerRun: median(runs.flat().map((run) => run.durationMs)) / 1000,
      cores: cpuSeconds / seconds,
      cpuSecondsPerRun: cpuSeconds / (bays * RUNS_PER_BAY),
      phasesMs: runs.flat().map((run) => run.times),
    };
  } finally {
    await Promise.all(simulators.map((simulator) => simulator.stop()));
  }
}
