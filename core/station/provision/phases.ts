// The phases of a run up to the signature: identify, reserve, (key), prepare, issue. docs/issuance-cycle.md says what is
// durable after each and what a power cut there means.

import type { IssuedCertificate, PreparedCertificate } from '../../domain/certificate.ts';
import type { Credential, CredentialItem } from '../../domain/credential.ts';
import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import { newCredentialId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { decideContent } from './content.ts';
import { type ProvisionRequest, type RunContext, reservedParts, runPhase } from './context.ts';
import { chooseCustody, type RunKey } from './key.ts';
import { decideOnLock } from './lock.ts';
import { concerning, decideOnSlot } from './occupancy.ts';
import { openSession } from './openSession.ts';

/** Opens the line, reads who is there, binds it to the device serial and decides whether it may be written. */
export function identify(context: RunContext): Promise<DeviceIdentity> {
  const { ports, request, runId } = context;
  return runPhase(context, 'identify', async (signal) => {
    const session = await openSession(context, signal);
    context.session = session;
    refuseImpossible(request, session);
    const identity = await session.identify();
    const { hardwareId, firmware } = identity;
    ports.inventory.recordIdentity(runId, { hardwareId, firmware, atMs: ports.clock.nowMs() });
    const live = ports.inventory.liveCredential(request.deviceSerial);
    context.unsealed = decideOnLock(ports, request, identity, live);
    if (live !== undefined && !request.replace && context.unsealed === undefined) {
      throw new StationError('already_provisioned', {
        deviceSerial: request.deviceSerial,
        certificateSerial: live.certificateSerial,
        state: live.state,
      });
    }
    context.superseded = live;
    const history = ports.inventory.credentialsOf(request.deviceSerial);
    if (context.unsealed === undefined) {
      const concerned = concerning(identity, request.passwordPolicy !== undefined);
      context.slot = await decideOnSlot(concerned, history, request.replace, (item, credential) =>
        holdsBeginning(context, session, item, credential),
      );
      chooseCustody(identity.custodyOffered, request.profile);
    }
    const evidence = {
      hardwareId: hardwareId ?? null,
      hardwareIdSource: identity.hardwareIdSource,
      firmware: firmware ?? null,
      capabilities: identity.capabilities,
      slot: context.slot,
      ...(identity.locked === undefined ? {} : { locked: identity.locked }),
    };
    return { value: identity, evidence };
  });
}

/** A key is recorded nowhere and is never read: only of certificates a beginning can be told. */
async function holdsBeginning(
  { ports }: RunContext,
  session: DeviceSession,
  item: CredentialItem,
  { certificateDer, storedDigests }: Credential,
): Promise<boolean> {
  const storedSha256 = storedDigests?.[item];
  if (session.holdsBeginning === undefined || storedSha256 === undefined) return false;
  if (item === 'ca') return session.holdsBeginning(item, ports.authority.rootDer, storedSha256);
  if (item !== 'certificate' || certificateDer === undefined) return false;
  return session.holdsBeginning(item, certificateDer, storedSha256);
}

/** What was asked for and is not to be had: said before anything is written. */
function refuseImpossible(request: ProvisionRequest, session: DeviceSession): void {
  if (request.seal === true && session.seal === undefined) {
    throw new StationError('capability_missing', { capability: 'sealing' });
  }
  const { checkReboot } = request;
  if (checkReboot && session.restart === undefined && checkReboot.askOperator === undefined) {
    throw new StationError('capability_missing', { capability: 'restarting by command' });
  }
}

/** Draws the certificate serial and makes the credential's row: from here on nothing about it can be forgotten. */
export function reserve(context: RunContext): Promise<void> {
  const { ports, request, runId } = context;
  return runPhase(context, 'reserve', () => {
    const credentialId = newCredentialId(ports.random);
    const certificateSerial = ports.authority.reserveCertificateSerial();
    ports.inventory.reserve({
      credentialId,
      runId,
      holder: { kind: 'device', deviceSerial: request.deviceSerial },
      certificateSerial,
      profileName: request.profile.name,
      profileVersion: request.profile.version,
      atMs: ports.clock.nowMs(),
    });
    context.credentialId = credentialId;
    context.certificateSerial = certificateSerial;
    return { value: undefined, evidence: { certificateSerial } };
  });
}

/** Decides every byte to be signed, checks that it will fit the device, and stores the intent. */
export function prepare(context: RunContext, key: RunKey): Promise<PreparedCertificate> {
  const { ports } = context;
  return runPhase(context, 'prepare', () => {
    const { credentialId, session } = reservedParts(context);
    const prepared = decideContent(context, session, {
      publicKeySpki: key.publicKeySpki,
      privateKeyPkcs8SizeBytes: key.privateKeyPkcs8?.sizeBytes ?? 0,
    });
    const { toBeSigned, notBeforeMs, notAfterMs } = prepared;
    ports.inventory.recordPrepared(credentialId, {
      toBeSigned,
      notBeforeMs,
      notAfterMs,
      atMs: ports.clock.nowMs(),
    });
    return { value: prepared, evidence: { notBeforeMs, notAfterMs } };
  });
}

/** Signs, and stores the certificate before a byte of it leaves the station. A replaced credential dies in the same breath. */
export function issue(context: RunContext, prepared: PreparedCertificate): Promise<IssuedCertificate> {
  const { ports } = context;
  return runPhase(context, 'issue', () => {
    const { credentialId } = reservedParts(context);
    const issued = ports.authority.issue(prepared);
    ports.inventory.recordIssued(credentialId, {
      ...issued,
      atMs: ports.clock.nowMs(),
      supersedes: context.superseded?.credentialId,
    });
    return { value: issued, evidence: { certificateSha256: issued.certificateSha256 } };
  });
}
