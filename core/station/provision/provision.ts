// The main job: one device, from a scanned device serial to a verified credential, or to a clear reason why not.

import { newRunId } from '../../domain/ids.ts';
import { asStationError, type StationError } from '../../domain/stationError.ts';
import { requireKeyAlgorithm } from '../../domain/target.ts';
import { announce, type RunResult } from '../events.ts';
import type { StationPorts } from '../ports/all.ts';
import { abandonCredential } from './compensation.ts';
import { type ProvisionRequest, type RunContext, runPhase } from './context.ts';
import { makeKey, type RunKey } from './key.ts';
import { outcomeOf } from './outcome.ts';
import { passwordFacts, refuseImpossiblePassword } from './password.ts';
import { identify, issue, prepare, reserve } from './phases.ts';
import { install, type Proof, verify } from './proof.ts';
import { RunTranscript } from './runTranscript.ts';
import { seal } from './seal.ts';

/**
 * Provisions one device. Always resolves with a result whose run is closed in the inventory, unless what was asked for is
 * impossible from the start, or the inventory refuses to open the run or cannot write any more: then it throws the
 * StationError that says why.
 */
export async function provision(ports: StationPorts, request: ProvisionRequest): Promise<RunResult> {
  refuseImpossiblePassword(ports, request);
  const runId = newRunId(ports.random);
  const startedAtMs = ports.clock.nowMs();
  ports.inventory.openRun({
    runId,
    orderId: request.orderId,
    deviceSerial: request.deviceSerial,
    bayName: request.bayName,
    portPath: request.portPath,
    operatorName: request.operatorName,
    targetName: request.target.name,
    profileName: request.profile.name,
    profileVersion: request.profile.version,
    startedAtMs,
  });
  const context: RunContext = {
    ports,
    request,
    runId,
    transcript: new RunTranscript(ports.transcripts.open(runId)),
    session: undefined,
    credentialId: undefined,
    certificateSerial: undefined,
    slot: 'blank',
    unsealed: undefined,
    superseded: undefined,
    custody: undefined,
    failedPhase: undefined,
  };
  let proof: Proof | undefined;
  let error: StationError | undefined;
  try {
    proof = await runThroughPhases(context);
  } catch (thrown) {
    error = asStationError(thrown);
  }
  return close(context, startedAtMs, proof, error);
}

/** Undefined where nothing was installed: an earlier run had proved it, and this one sealed it. */
async function runThroughPhases(context: RunContext): Promise<Proof | undefined> {
  let key: RunKey | undefined;
  try {
    // What was asked for must outlive a power cut: a device that was to be sealed has not passed without it.
    const asked = {
      ...(context.request.seal === true ? { seal: true } : {}),
      ...passwordFacts(context.request),
    };
    await runPhase(context, 'open', () => {
      const { target, profile } = context.request;
      requireKeyAlgorithm(target, profile.keyAlgorithm);
      return { value: undefined, ...(Object.keys(asked).length === 0 ? {} : { evidence: asked }) };
    });
    const identity = await identify(context);
    if (context.unsealed !== undefined) {
      context.credentialId = context.unsealed.credentialId;
      context.certificateSerial = context.unsealed.certificateSerial;
      await seal(context);
      return undefined;
    }
    await reserve(context);
    key = await makeKey(context, identity);
    const prepared = await prepare(context, key);
    const issued = await issue(context, prepared);
    const plan = await install(context, key, issued);
    const proof = await verify(context, identity, plan, key, issued);
    if (context.request.seal === true) await seal(context);
    return proof;
  } finally {
    key?.privateKeyPkcs8?.wipe();
    await context.session?.close();
    context.transcript.close();
  }
}

/** Decides what becomes of the credential, then closes the run: outcome, count and audit entry in one transaction. */
function close(
  context: RunContext,
  startedAtMs: number,
  proof: Proof | undefined,
  error: StationError | undefined,
): RunResult {
  const { ports, request, runId } = context;
  if (error !== undefined && context.credentialId !== undefined) {
    const credential = ports.inventory.credential(context.credentialId);
    abandonCredential(ports.inventory, ports.clock, credential, error.code);
  }
  const outcome = error === undefined ? 'pass' : outcomeOf(error);
  const failure = error && { code: error.code, details: error.details };
  const atMs = ports.clock.nowMs();
  ports.inventory.closeRun(runId, { outcome, ...(failure === undefined ? {} : { failure }), atMs });
  const result: RunResult = {
    runId,
    bayName: request.bayName,
    portPath: request.portPath,
    deviceSerial: request.deviceSerial,
    hardwareId: ports.inventory.device(request.deviceSerial)?.hardwareId,
    certificateSerial: context.certificateSerial,
    custody: context.custody,
    outcome,
    failedPhase: context.failedPhase,
    failure,
    verification: proof?.verification ?? [],
    handshake: proof?.handshake,
    askedAgainCount: context.transcript.repeatedCount,
    // The computer's clock may have been set back meanwhile.
    durationMs: Math.max(0, atMs - startedAtMs),
  };
  announce(request.listener, {
    kind: 'closed',
    runId,
    bayName: request.bayName,
    deviceSerial: request.deviceSerial,
    result,
  });
  return result;
}
