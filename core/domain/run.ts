// One attempt on one device in one bay, as a sequence of phases. A run is immutable once closed; a retry is a new run.

import type { DeviceSerial, HardwareId } from './device.ts';
import type { CredentialId, OrderId, RunId } from './ids.ts';
import type { ErrorCode, ErrorDetails } from './stationError.ts';

/** The phases in their order; each makes something durable before the next begins (docs/issuance-cycle.md). */
export const PHASES = [
  'open',
  'identify',
  'reserve',
  'key',
  'prepare',
  'issue',
  'install',
  'verify',
  'seal',
  'close',
] as const;
export type Phase = (typeof PHASES)[number];

/** `fail` is the device's doing, `error` the station's, `aborted` the operator's. */
export type Outcome = 'pass' | 'fail' | 'error' | 'timeout' | 'aborted';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface PhaseRecord {
  readonly phase: Phase;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly outcome: Outcome | undefined;
  readonly evidence: JsonObject | undefined;
}

export interface RunFailure {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}

/** A run as it is opened. */
export interface NewRun {
  readonly runId: RunId;
  readonly orderId: OrderId | undefined;
  readonly deviceSerial: DeviceSerial;
  readonly bayName: string;
  readonly portPath: string;
  readonly operatorName: string;
  readonly targetName: string;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly startedAtMs: number;
}

export interface Run extends NewRun {
  readonly hardwareId: HardwareId | undefined;
  readonly credentialId: CredentialId | undefined;
  readonly closedAtMs: number | undefined;
  readonly outcome: Outcome | undefined;
  readonly failure: RunFailure | undefined;
  readonly phases: readonly PhaseRecord[];
}

/** How a run ends. */
export interface RunClosing {
  readonly outcome: Outcome;
  readonly failure?: RunFailure;
  readonly atMs: number;
}

/** How many answers of the device had to be asked for twice, as the evidence of the run's phases tells. */
export const askedAgainCount = (run: Pick<Run, 'phases'>): number =>
  run.phases.reduce((sum, { evidence }) => {
    const { askedAgain, askedAgainOmitted } = evidence ?? {};
    return sum + (Array.isArray(askedAgain) ? askedAgain.length : 0) + Number(askedAgainOmitted ?? 0);
  }, 0);
