// The fake's bench: bays whose runs go through the phases with the timings of a slow serial line and fail now and then.

import { parseDeviceSerial } from '../../domain/device.ts';
import type { Outcome } from '../../domain/run.ts';
import { PHASES } from '../../domain/run.ts';
import { ERROR_SIDES, type ErrorCode, StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Bay, BayLayout, RunView, SerialPortView } from '../schemas/bays.ts';
import { FAILURES, PHASE_MS, type Plan } from './fakeTimings.ts';
import { hexOf, mix, mixText, refuseDuringBatch, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `bays.${string}`>>;

const INSTALL_BYTES = 2_148;
const TICKS = 32;

export interface FakeBays {
  readonly methods: Part;
  plug(bayName: string): void;
  unplug(bayName: string): void;
  /** The next run in this bay fails so. */
  failNext(bayName: string, code: ErrorCode): void;
  /** Shows a finished or running view without waiting. */
  show(bayName: string, change: Partial<Bay>): void;
  bay(bayName: string): Bay;
  /** All runs at an end, as when the process died. */
  abandon(): void;
}

const outcomeOf = (code: ErrorCode): Outcome => {
  if (code === 'phase_timeout') return 'timeout';
  if (code === 'interrupted') return 'aborted';
  return ERROR_SIDES[code] === 'station' ? 'error' : 'fail';
};

export function fakeBays(world: World, onClosed: (bay: Bay, run: RunView) => void): FakeBays {
  const { nowMs, later } = world.options;
  const bays = new Map<string, Bay>();
  const cancels = new Map<string, () => void>();
  const planned = new Map<string, Plan>();
  let runCount = 0;

  const portOf = (index: number, bayName: string): SerialPortView => ({
    path: `/dev/ttyACM${index}`,
    usbSerialNumber: hexOf(index, 11, 12).toUpperCase(),
    location: `1-1.${index + 1}`,
    manufacturer: 'Nordic Semiconductor',
    product: world.options.longNames
      ? 'nRF7002 DK with an exceptionally long product string from its USB descriptor'
      : 'nRF7002 DK',
    bayName,
  });
  const strangers: readonly SerialPortView[] = [
    {
      path: '/dev/ttyUSB3',
      usbSerialNumber: 'FT5K2P0A',
      location: '1-3',
      manufacturer: 'FTDI',
      product: 'FT232R USB UART',
    },
  ];

  const reset = (layout: readonly BayLayout[]): void => {
    const before = new Map(bays);
    bays.clear();
    for (const [index, one] of layout.entries()) {
      const known = before.get(one.bayName);
      const bound = one.binding !== undefined;
      bays.set(one.bayName, {
        ...one,
        state: known?.state ?? (bound ? 'ready' : 'unbound'),
        handsFree: known?.handsFree ?? false,
        ...(bound ? { port: known?.port ?? portOf(index, one.bayName) } : {}),
        ...(known?.run === undefined ? {} : { run: known.run }),
      });
    }
  };
  const columns =
    world.options.bays > 8 ? 8 : world.options.bays > 4 ? 4 : Math.max(1, Math.min(4, world.options.bays));
  reset(
    Array.from({ length: world.options.bays }, (_, index) => ({
      bayName: `${'ABCDEFGH'[Math.floor(index / columns)]}${(index % columns) + 1}`,
      row: Math.floor(index / columns),
      column: index % columns,
      binding: { kind: 'usb-serial-number', value: hexOf(index, 11, 12).toUpperCase() },
    })),
  );

  world.baysAtWork = () =>
    [...bays.values()].filter(({ state }) => state === 'running' || state === 'stopping').length;

  const find = (bayName: string): Bay => {
    const bay = bays.get(bayName);
    if (bay === undefined) throw new StationError('bay_unknown', { bayName });
    return bay;
  };
  const change = (bayName: string, values: Partial<Bay>): Bay => {
    const bay = { ...find(bayName), ...values };
    bays.set(bayName, bay);
    world.emit({ event: 'bay.changed', payload: bay });
    return bay;
  };
  const without = <K extends keyof Bay>(bayName: string, ...keys: K[]): void => {
    const copy: Record<string, unknown> = { ...find(bayName) };
    for (const key of keys) delete copy[key];
    bays.set(bayName, copy as Bay);
  };
  const updateRun = (bayName: string, values: Partial<RunView>): RunView | undefined => {
    const { run } = find(bayName);
    return run === undefined ? undefined : change(bayName, { run: { ...run, ...values } }).run;
  };
  const endPhase = (run: RunView, outcome: Outcome): RunView['phases'] =>
    run.phases.map((phase) =>
      phase.endedAtMs === undefined ? { ...phase, endedAtMs: nowMs(), outcome } : phase,
    );

  const finish = (bayName: string, plan: Plan | undefined): void => {
    const { run } = find(bayName);
    if (run === undefined || run.outcome !== undefined) return;
    cancels.get(bayName)?.();
    const outcome = plan === undefined ? 'pass' : outcomeOf(plan.code);
    const failure =
      plan === undefined
        ? undefined
        : { code: plan.code, side: ERROR_SIDES[plan.code], details: plan.details };
    const { progress: _, ...rest } = run;
    const closed: RunView = {
      ...rest,
      endedAtMs: nowMs(),
      outcome,
      phases: endPhase(run, outcome),
      ...(failure === undefined ? {} : { failure }),
      ...(plan === undefined
        ? {
            checks: {
              items: [
                { item: 'ca', check: 'device-digest' },
                { item: 'certificate', check: 'device-digest' },
                { item: 'privateKey', check: 'proof-of-possession' },
              ],
              handshake: {
                protocol: 'TLSv1.3',
                cipher: 'TLS_AES_256_GCM_SHA384',
                durationMs: 412,
                peerCertificateSha256: hexOf(mixText(run.runId), 3, 64),
              },
            },
          }
        : {}),
    };
    const bay = change(bayName, { state: 'done', run: closed });
    world.emit({
      event: 'bay.verdict',
      payload: { bayName, runId: run.runId, outcome, ...(failure === undefined ? {} : { failure }) },
    });
    onClosed(bay, closed);
  };

  const phase = (bayName: string, index: number, plan: Plan | undefined): void => {
    const name = PHASES[index];
    const { run } = find(bayName);
    if (run === undefined || run.outcome !== undefined) return;
    if (name === undefined) {
      finish(bayName, undefined);
      return;
    }
    updateRun(bayName, {
      phases: [...endPhase(run, 'pass'), { phase: name, startedAtMs: nowMs() }],
      ...(index === 1 ? {} : { hardwareId: `F4CE36${hexOf(mixText(run.deviceSerial), 5, 6).toUpperCase()}` }),
    });
    const fails = plan?.phase === name ? plan : undefined;
    const step = (tick: number, ticks: number): void => {
      const partly = fails !== undefined && tick > ticks * 0.6;
      if (partly || tick >= ticks) {
        if (partly) finish(bayName, fails);
        else phase(bayName, index + 1, plan);
        return;
      }
      if (name === 'install') {
        const progress = { sentBytes: Math.round((INSTALL_BYTES * tick) / ticks), totalBytes: INSTALL_BYTES };
        const current = find(bayName);
        bays.set(bayName, { ...current, ...(current.run ? { run: { ...current.run, progress } } : {}) });
        world.emit({ event: 'bay.progress', payload: { bayName, runId: run.runId, phase: name, progress } });
      }
      cancels.set(
        bayName,
        later(() => step(tick + 1, ticks), PHASE_MS[name] / ticks),
      );
    };
    step(0, name === 'install' ? TICKS : 3);
  };

  const start = (bayName: string, deviceSerial: string, replace: boolean): { runId: string } => {
    const bay = find(bayName);
    if (bay.state === 'running' || bay.state === 'stopping') throw new StationError('bay_busy', { bayName });
    if (bay.port === undefined) throw new StationError('bay_empty', { bayName });
    refuseDuringBatch(world);
    if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
    parseDeviceSerial(deviceSerial);
    if ([...bays.values()].some((one) => one.state === 'running' && one.run?.deviceSerial === deviceSerial)) {
      throw new StationError('device_busy', { deviceSerial });
    }
    const dice = mix(mixText(deviceSerial), runCount);
    const natural =
      !replace && dice % 11 === 0 ? FAILURES[Math.floor(dice / 11) % FAILURES.length] : undefined;
    const plan = planned.get(bayName) ?? natural;
    planned.delete(bayName);
    const runId = `run-${hexOf(++runCount, 13, 16)}`;
    without(bayName, 'run');
    change(bayName, { state: 'running', run: { runId, deviceSerial, startedAtMs: nowMs(), phases: [] } });
    phase(bayName, 0, plan);
    return { runId };
  };

  const stop = (bayName: string): void => {
    const { run } = find(bayName);
    const current = run?.phases.at(-1)?.phase ?? 'open';
    finish(bayName, { code: 'interrupted', phase: current, details: {} });
  };

  const tellPorts = (): void => world.emit({ event: 'ports.changed', payload: ports() });
  const ports = (): SerialPortView[] => [
    ...[...bays.values()].flatMap((bay) => (bay.port === undefined ? [] : [bay.port])),
    ...strangers,
  ];
  let nextHandsFree = 0;

  return {
    methods: {
      'bays.list': () => [...bays.values()],
      'bays.ports': ports,
      'bays.saveLayout': ({ bays: layout }) => {
        reset(layout);
        world.emit({ event: 'bays.layoutChanged', payload: {} });
        return {};
      },
      'bays.start': ({ bayName, deviceSerial, replace }) => start(bayName, deviceSerial, replace),
      'bays.retry': ({ bayName, replace }) => start(bayName, find(bayName).run?.deviceSerial ?? '', replace),
      'bays.stop': ({ bayName }) => {
        stop(bayName);
        return {};
      },
      'bays.stopAll': () => {
        for (const bay of bays.values()) if (bay.state === 'running') stop(bay.bayName);
        return {};
      },
      'bays.confirmRestart': ({ bayName }) => {
        const { awaitsRestart: _, ...run } = find(bayName).run ?? {};
        change(bayName, { run: run as RunView });
        return {};
      },
      'bays.setHandsFree': ({ bayName, enabled }) => {
        change(bayName, { handsFree: enabled });
        return {};
      },
    },
    plug: (bayName) => {
      const index = [...bays.keys()].indexOf(bayName);
      without(bayName, 'run');
      const bay = change(bayName, { state: 'ready', port: portOf(index, bayName) });
      tellPorts();
      if (bay.handsFree) start(bayName, `KL7-${2_700_500 + nextHandsFree++}`, false);
    },
    unplug: (bayName) => {
      const current = find(bayName).run?.phases.at(-1)?.phase ?? 'open';
      if (find(bayName).state === 'running')
        finish(bayName, { code: 'device_gone', phase: current, details: {} });
      without(bayName, 'port');
      change(bayName, find(bayName).run === undefined ? { state: 'empty' } : { state: 'done' });
      tellPorts();
    },
    failNext: (bayName, code) => {
      const known = FAILURES.find((plan) => plan.code === code);
      planned.set(bayName, known ?? { code, phase: 'install', details: {} });
    },
    show: change,
    bay: find,
    abandon: () => {
      for (const cancel of cancels.values()) cancel();
      for (const bay of bays.values()) if (bay.state === 'running') stop(bay.bayName);
    },
  };
}
