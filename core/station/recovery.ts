// What a station does at start with what the last one left behind. Every unfinished credential is decided on: never
// signed means voided, signed but not verified means revoked (its key died with the process), verified means it stands.

import type { CredentialState } from '../domain/credential.ts';
import type { CredentialId, RunId } from '../domain/ids.ts';
import type { Outcome, Phase, Run } from '../domain/run.ts';
import type { StationPorts } from './ports/all.ts';
import { abandonCredential, type Compensation } from './provision/compensation.ts';

export interface RecoveredRun {
  readonly runId: RunId;
  readonly deviceSerial: string;
  /** The last phase that had begun. */
  readonly phase: Phase | undefined;
  readonly credentialId: CredentialId | undefined;
  readonly foundState: CredentialState | undefined;
  readonly action: Compensation;
  readonly outcome: Outcome;
}

type RecoveryPorts = Pick<StationPorts, 'inventory' | 'clock'>;

/** Reconciles the journal. Safe to repeat: an interruption in here is recovered by the next start. */
export function recover(ports: RecoveryPorts): readonly RecoveredRun[] {
  const recovered = ports.inventory.openRuns().map((run) => recoverRun(ports, run));
  for (const credential of ports.inventory.unfinishedCredentials()) {
    abandonCredential(ports.inventory, ports.clock, credential, 'interrupted');
  }
  return recovered;
}

function recoverRun(ports: RecoveryPorts, run: Run): RecoveredRun {
  const credential =
    run.credentialId === undefined ? undefined : ports.inventory.credential(run.credentialId);
  const proven = credential?.state === 'verified' || credential?.state === 'sealed';
  const action = abandonCredential(ports.inventory, ports.clock, credential, 'interrupted');
  // Whether its lock closed only the device can say; the next run with it asks (decideOnLock).
  const toBeSealed = run.phases.some(({ phase, evidence }) => phase === 'open' && evidence?.seal === true);
  const sealInDoubt = toBeSealed && credential?.state !== 'sealed';
  // The evidence of a verified credential is durable: only the closing was missing.
  const passed = proven && !sealInDoubt;
  const outcome: Outcome = passed ? 'pass' : 'aborted';
  ports.inventory.closeRun(run.runId, {
    outcome,
    ...(passed ? {} : { failure: { code: 'interrupted', details: { recovered: true } } }),
    atMs: ports.clock.nowMs(),
  });
  return {
    runId: run.runId,
    deviceSerial: run.deviceSerial,
    phase: run.phases.at(-1)?.phase,
    credentialId: run.credentialId,
    foundState: credential?.state,
    action,
    outcome,
  };
}
