// One run in progress: what was asked, what has been decided so far, and the journal that makes each step durable.

import type { Credential, KeyCustody } from '../../domain/credential.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { CredentialId, OrderId, RunId } from '../../domain/ids.ts';
import type { PasswordPolicy } from '../../domain/password.ts';
import type { Profile } from '../../domain/profile.ts';
import type { JsonObject, Phase } from '../../domain/run.ts';
import { asStationError, StationError } from '../../domain/stationError.ts';
import type { Target } from '../../domain/target.ts';
import { interruption, withDeadline } from '../deadline.ts';
import { announce, type RunListener } from '../events.ts';
import type { StationPorts } from '../ports/all.ts';
import type { SlotDecision } from './occupancy.ts';
import { outcomeOf } from './outcome.ts';
import type { RunTranscript } from './runTranscript.ts';

export interface ProvisionRequest {
  readonly deviceSerial: DeviceSerial;
  readonly orderId: OrderId | undefined;
  /** The order's name, for profiles that put it into the certificate. */
  readonly orderName: string | undefined;
  readonly bayName: string;
  readonly portPath: string;
  readonly operatorName: string;
  readonly site: string;
  readonly target: Target;
  readonly profile: Profile;
  /** Replace what the device and the inventory hold; the old credential is revoked as superseded. */
  readonly replace: boolean;
  /** Check again after the device was started anew, which finds out a store that was only in its RAM. */
  readonly checkReboot?: RebootCheck | undefined;
  /** Lock the device at the end, for good; the host has had that confirmed. */
  readonly seal?: boolean | undefined;
  /** Give the device a username, which is its device serial, and a password made so; undefined: a certificate alone. */
  readonly passwordPolicy?: PasswordPolicy | undefined;
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

export interface RebootCheck {
  /** Resolves when the operator has switched the device off and on; undefined where nobody can be asked. */
  readonly askOperator: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** What later phases and the failure path need to know of a run. */
export interface RunContext {
  readonly ports: StationPorts;
  readonly request: ProvisionRequest;
  readonly runId: RunId;
  readonly transcript: RunTranscript;
  /** Set by the identify phase, closed by whoever started the run. */
  session: DeviceSession | undefined;
  credentialId: CredentialId | undefined;
  certificateSerial: string | undefined;
  /** Decided in the identify phase. */
  slot: SlotDecision;
  /** A verified credential of an earlier run, in the device already: only its seal is missing. */
  unsealed: Credential | undefined;
  /** The live credential that this run replaces. */
  superseded: Credential | undefined;
  /** Where the key was made; decided in the key phase. */
  custody: KeyCustody | undefined;
  failedPhase: Phase | undefined;
}

/** A phase's result and what the record keeps of it. */
export interface PhaseResult<T> {
  readonly value: T;
  readonly evidence?: JsonObject;
}

/**
 * Runs one phase under its deadline between two durable journal entries. Whatever is thrown leaves as a StationError
 * with the phase recorded as not passed.
 */
export async function runPhase<T>(
  context: RunContext,
  phase: Phase,
  body: (signal: AbortSignal) => Promise<PhaseResult<T>> | PhaseResult<T>,
): Promise<T> {
  const { ports, request, runId } = context;
  const ofRun = { runId, bayName: request.bayName, deviceSerial: request.deviceSerial };
  ports.inventory.beginPhase(runId, phase, ports.clock.nowMs());
  announce(request.listener, { ...ofRun, kind: 'phase-begun', phase });
  try {
    const result = await withDeadline(
      request.signal,
      request.target.timeouts.phaseMs,
      { phase },
      async (signal) => body(signal),
    );
    const repeated = context.transcript.takeRepeated();
    const evidence = result.evidence === undefined ? repeated : { ...result.evidence, ...repeated };
    ports.inventory.endPhase(
      runId,
      phase,
      ports.clock.nowMs(),
      'pass',
      Object.keys(evidence).length === 0 ? undefined : evidence,
    );
    announce(request.listener, { ...ofRun, kind: 'phase-ended', phase, outcome: 'pass' });
    return result.value;
  } catch (thrown) {
    const error = request.signal.aborted ? interruption(request.signal.reason) : asStationError(thrown);
    context.failedPhase = phase;
    const outcome = outcomeOf(error);
    // If even this cannot be written, the open phase itself tells recovery where the run stopped.
    try {
      const evidence = { code: error.code, ...context.transcript.takeRepeated() };
      ports.inventory.endPhase(runId, phase, ports.clock.nowMs(), outcome, evidence);
    } catch {}
    announce(request.listener, { ...ofRun, kind: 'phase-ended', phase, outcome });
    throw error;
  }
}

/** The parts that exist once a run has passed identify and reserve. */
export function reservedParts(context: RunContext): {
  readonly credentialId: NonNullable<RunContext['credentialId']>;
  readonly session: NonNullable<RunContext['session']>;
} {
  const { credentialId, session } = context;
  if (credentialId === undefined || session === undefined) {
    throw new StationError('internal', { message: 'a phase ran before identify and reserve' });
  }
  return { credentialId, session };
}
