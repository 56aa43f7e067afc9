// One bay of the bench: what is plugged in, the run in it, and how both look through the contract. Which transitions there
// are is decided here; who triggers them, in bench.ts.

import type { Bay, BayLayout, RunView, SerialPortView } from '../contract/schemas/bays.ts';
import { failureOf } from '../contract/schemas/common.ts';
import type { Outcome } from '../domain/run.ts';
import { ERROR_SIDES } from '../domain/stationError.ts';
import type { PortInfo } from '../link/serial/portInfo.ts';
import type { RunEvent, RunResult } from '../station/events.ts';

/** A port that is back sooner is the same device after a restart, not the next one. */
export const REPLUG_MS = 1_500;

export interface BayRecord {
  layout: BayLayout;
  handsFree: boolean;
  port: PortInfo | undefined;
  /** What was here and when it went, while nothing is. */
  gone: { readonly port: PortInfo; readonly atMs: number; readonly duringRun: boolean } | undefined;
  run: RunView | undefined;
  /** Set from the moment a run is asked for until it is over. */
  controller: AbortController | undefined;
  stopping: boolean;
  /** Set while a run waits for its device to be switched off and on. */
  restarted: (() => void) | undefined;
}

export const newBay = (layout: BayLayout, handsFree: boolean): BayRecord => ({
  layout,
  handsFree,
  port: undefined,
  gone: undefined,
  run: undefined,
  controller: undefined,
  stopping: false,
  restarted: undefined,
});

export function stateOf(bay: BayRecord): Bay['state'] {
  if (bay.controller !== undefined) return bay.stopping ? 'stopping' : 'running';
  if (bay.run !== undefined) return 'done';
  if (bay.layout.binding === undefined) return 'unbound';
  return bay.port === undefined ? 'empty' : 'ready';
}

const text = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value.slice(0, 200);

export const portView = (port: PortInfo, bayName: string | undefined): SerialPortView => ({
  path: port.path,
  usbSerialNumber: text(port.usbSerialNumber),
  location: text(port.location),
  manufacturer: text(port.manufacturer),
  product: text(port.product),
  bayName,
});

export const bayView = (bay: BayRecord): Bay => ({
  ...bay.layout,
  state: stateOf(bay),
  handsFree: bay.handsFree,
  port: bay.port === undefined ? undefined : portView(bay.port, bay.layout.bayName),
  run: bay.run,
});

/** The port that a bay is bound to; of several with one number (a board with two UARTs) the first by path. */
export function portFor(layout: BayLayout, ports: readonly PortInfo[]): PortInfo | undefined {
  const { binding } = layout;
  if (binding === undefined) return undefined;
  return ports.find((port) =>
    binding.kind === 'location' ? port.location === binding.value : port.usbSerialNumber === binding.value,
  );
}

/** Takes note of what is plugged in now; true when a device came that was not here before. */
export function takePort(bay: BayRecord, port: PortInfo | undefined, nowMs: number): boolean {
  const before = bay.port;
  const duringRun = bay.controller !== undefined;
  bay.port = port;
  if (port === undefined) {
    if (before !== undefined) bay.gone = { port: before, atMs: nowMs, duringRun };
    return false;
  }
  const away = before === undefined ? bay.gone : { port: before, atMs: nowMs, duringRun };
  bay.gone = undefined;
  const isNew = away === undefined || nowMs - away.atMs >= REPLUG_MS || isExchanged(away, port);
  if (isNew && bay.controller === undefined) bay.run = undefined;
  return isNew;
}

/**
 * Whether something else is plugged in now, however short the gap was. The same number came back: the device started anew.
 * Without a number of its own it is another device, unless the run was restarting it: a bridge without a number (CH340,
 * PL2303) does not come and go with the chip behind it.
 */
function isExchanged(
  { port: before, duringRun }: { port: PortInfo; duringRun: boolean },
  now: PortInfo,
): boolean {
  if (before.usbSerialNumber !== now.usbSerialNumber) return true;
  const hasOwnNumber = now.usbSerialNumber !== undefined && now.numberIsOfSocket !== true;
  return !hasOwnNumber && !duringRun && before.attachment !== now.attachment;
}

/** The run's view after an event; progress and refusals are the caller's. */
export function applyRunEvent(bay: BayRecord, event: RunEvent, nowMs: number): void {
  switch (event.kind) {
    case 'phase-begun': {
      const run =
        bay.run?.runId === event.runId
          ? bay.run
          : { runId: event.runId, deviceSerial: event.deviceSerial, startedAtMs: nowMs, phases: [] };
      bay.run = { ...run, phases: [...run.phases, { phase: event.phase, startedAtMs: nowMs }] };
      return;
    }
    case 'phase-ended': {
      if (bay.run === undefined) return;
      const { progress: _, ...run } = bay.run;
      bay.run = { ...run, phases: endOpenPhase(run, event.outcome, nowMs) };
      return;
    }
    case 'install-progress':
      if (bay.run === undefined) return;
      bay.run = {
        ...bay.run,
        progress: { sentBytes: event.sentBytes, totalBytes: event.totalBytes },
      };
      return;
    case 'closed':
      closeRun(bay, event.result, nowMs);
      return;
    case 'refused':
      return;
  }
}

const endOpenPhase = (run: Pick<RunView, 'phases'>, outcome: Outcome, nowMs: number): RunView['phases'] =>
  run.phases.map((phase) =>
    phase.endedAtMs === undefined ? { ...phase, endedAtMs: nowMs, outcome } : phase,
  );

function closeRun(bay: BayRecord, result: RunResult, nowMs: number): void {
  const { hardwareId, outcome, failure, verification, handshake } = result;
  if (bay.run === undefined) return;
  bay.run = {
    ...bay.run,
    endedAtMs: nowMs,
    outcome,
    hardwareId,
    phases: endOpenPhase(bay.run, outcome, nowMs),
    custody: outcome === 'pass' ? result.custody : undefined,
    failure: failure && { ...failure, side: ERROR_SIDES[failure.code] },
    checks:
      outcome !== 'pass'
        ? undefined
        : {
            items: verification.map(({ item, check }) => ({ item, check })),
            handshake: handshake && {
              protocol: handshake.protocol,
              cipher: handshake.cipher,
              durationMs: handshake.durationMs,
              peerCertificateSha256: handshake.peerCertificateSha256,
            },
          },
  };
}

/** The station itself could not go on: the run is closed by recovery, the view says so now. */
export function breakRun(bay: BayRecord, thrown: unknown, nowMs: number): void {
  if (bay.run === undefined) return;
  bay.run = {
    ...bay.run,
    endedAtMs: nowMs,
    outcome: 'error',
    phases: endOpenPhase(bay.run, 'error', nowMs),
    failure: failureOf(thrown),
  };
}
