// The phases of a run up to the signature: identify, reserve, key, prepare, issue. docs/issuance-cycle.md says what is
// durable after each and what a power cut there means.

import type { KeyCustody } from '../../domain/credential.ts';
import { newCredentialId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { sha256Hex } from '../digest.ts';
import type { IssuedCertificate, PreparedCertificate } from '../ports/authority.ts';
import type { StationKey } from '../ports/keys.ts';
import type { DeviceIdentity } from '../ports/link.ts';
import type { OpenTranscript } from '../ports/transcripts.ts';
import { type RunContext, runPhase } from './context.ts';
import { decideOnSlot } from './occupancy.ts';

/** Opens the line, reads who is there, binds it to the device serial and decides whether it may be written. */
export function identify(context: RunContext, transcript: OpenTranscript): Promise<DeviceIdentity> {
  const { ports, request, runId } = context;
  return runPhase(context, 'identify', async (signal) => {
    const session = await ports.link.open({
      portPath: request.portPath,
      target: request.target,
      transcript,
      signal,
    });
    context.session = session;
    const identity = await session.identify();
    const { hardwareId, firmware } = identity;
    ports.inventory.recordIdentity(runId, { hardwareId, firmware, atMs: ports.clock.nowMs() });
    const live = ports.inventory.liveCredential(request.deviceSerial);
    if (live !== undefined && !request.replace) {
      throw new StationError('already_provisioned', {
        deviceSerial: request.deviceSerial,
        certificateSerial: live.certificateSerial,
        state: live.state,
      });
    }
    context.superseded = live;
    const history = ports.inventory.credentialsOf(request.deviceSerial);
    context.slot = decideOnSlot(identity, history, request.replace);
    const evidence = {
      hardwareId: hardwareId ?? null,
      hardwareIdSource: identity.hardwareIdSource,
      firmware: firmware ?? null,
      capabilities: identity.capabilities,
      slot: context.slot,
    };
    return { value: identity, evidence };
  });
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

/** Makes the key pair where profile and device agree it is made. */
export function makeKey(context: RunContext, identity: DeviceIdentity): Promise<StationKey> {
  const { ports, request } = context;
  return runPhase(context, 'key', () => {
    const custody = chooseCustody(identity.custodyOffered, request.profile.keyCustody);
    const key = ports.keys.generate(request.profile.keyAlgorithm);
    const publicKeySha256 = sha256Hex(key.publicKeySpki);
    const { credentialId } = reservedParts(context);
    ports.inventory.recordKey(credentialId, { publicKeySha256, custody, atMs: ports.clock.nowMs() });
    return { value: key, evidence: { custody, keyAlgorithm: request.profile.keyAlgorithm, publicKeySha256 } };
  });
}

function chooseCustody(offered: readonly KeyCustody[], demanded: 'any' | 'on-device'): KeyCustody {
  const choice = offered.find((custody) => demanded === 'any' || custody === demanded);
  if (choice === undefined)
    throw new StationError('custody_not_offered', { demanded, offered: offered.join(', ') });
  return choice;
}

/** Decides every byte to be signed, checks that it will fit the device, and stores the intent. */
export function prepare(context: RunContext, key: StationKey): Promise<PreparedCertificate> {
  const { ports, request } = context;
  return runPhase(context, 'prepare', () => {
    const { credentialId, session } = reservedParts(context);
    const credential = ports.inventory.credential(credentialId);
    if (credential === undefined) throw new StationError('credential_unknown', { credentialId });
    const device = ports.inventory.device(request.deviceSerial);
    const prepared = ports.authority.prepare(
      {
        profile: request.profile,
        certificateSerial: credential.certificateSerial,
        publicKeySpki: key.publicKeySpki,
        values: {
          deviceSerial: request.deviceSerial,
          site: request.site,
          ...(device?.hardwareId === undefined ? {} : { hardwareId: device.hardwareId }),
          ...(request.orderName === undefined ? {} : { order: request.orderName }),
        },
      },
      ports.inventory.newestIssuedAtMs(),
    );
    session.checkFit({
      caDerSizeBytes: ports.authority.rootDer.length,
      certificateDerMaxSizeBytes: prepared.maxCertificateSizeBytes,
      privateKeyPkcs8SizeBytes: key.privateKeyPkcs8.sizeBytes,
    });
    const atMs = ports.clock.nowMs();
    const { toBeSigned, notBeforeMs, notAfterMs } = prepared;
    ports.inventory.recordPrepared(credentialId, { toBeSigned, notBeforeMs, notAfterMs, atMs });
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
