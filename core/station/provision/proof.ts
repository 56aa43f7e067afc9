// The phases after the signature: install, and verify by the device's own digest and by a real handshake, or, where the key
// is on the device, by what the device signed with it.

import type { IssuedCertificate } from '../../domain/certificate.ts';
import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import type { InstallPlan } from '../../domain/install.ts';
import { StationError } from '../../domain/stationError.ts';
import type { HandshakeEvidence, ItemVerification } from '../../domain/verification.ts';
import { sha256Hex } from '../digest.ts';
import { announce } from '../events.ts';
import type { EdgePort } from '../ports/edge.ts';
import { type RunContext, reservedParts, runPhase } from './context.ts';
import type { RunKey } from './key.ts';
import { makePassword, type RunPassword, requirePlanned } from './password.ts';
import { checkAfterReboot } from './rebootCheck.ts';
import { recordedDigests, recordedVerification } from './recordedDigests.ts';

/**
 * Writes CA, certificate and key, and the username and password where the run gives them. The digests of what will be stored, and
 * what brokers check the password by, are recorded before the first byte is sent.
 */
export function install(context: RunContext, key: RunKey, issued: IssuedCertificate): Promise<InstallPlan> {
  const { ports, request, runId } = context;
  return runPhase(context, 'install', async () => {
    const { credentialId, session } = reservedParts(context);
    const password = makePassword(ports, request);
    const plan = planInstall(context, key, issued, password);
    ports.inventory.recordInstallIntent(
      credentialId,
      recordedDigests(credentialId, plan.storedDigests),
      ports.clock.nowMs(),
      password?.user,
    );
    const installed = await session.install(plan, {
      replace: context.slot !== 'blank',
      onProgress: ({ sentBytes, totalBytes }) =>
        announce(request.listener, {
          kind: 'install-progress',
          runId,
          bayName: request.bayName,
          deviceSerial: request.deviceSerial,
          sentBytes,
          totalBytes,
        }),
    });
    ports.inventory.recordInstalled(credentialId, ports.clock.nowMs());
    return { value: plan, evidence: { ...plan.summary, ...installed } };
  });
}

/** What will be stored, byte for byte; the driver has its own copy of the secrets afterwards. */
function planInstall(
  context: RunContext,
  key: RunKey,
  issued: IssuedCertificate,
  password: RunPassword | undefined,
): InstallPlan {
  const { ports } = context;
  const { session } = reservedParts(context);
  try {
    const plan = session.plan({
      caDer: ports.authority.rootDer,
      chainDer: [issued.certificateDer, issued.issuingDer],
      privateKeyPkcs8: key.privateKeyPkcs8,
      password: password?.credential,
    });
    if (password !== undefined) requirePlanned(plan);
    return plan;
  } finally {
    password?.credential.password.wipe();
  }
}

export interface Proof {
  readonly verification: readonly ItemVerification[];
  /** Undefined where the key is on the device. */
  readonly handshake: HandshakeEvidence | undefined;
}

/**
 * Proves the installation: the same board still answers, it holds what was sent, and the credential opens a mutual-TLS
 * connection to this site's edge server. With a key on the device it is the device that has signed with it.
 */
export async function verify(
  context: RunContext,
  before: DeviceIdentity,
  plan: InstallPlan,
  key: RunKey,
  issued: IssuedCertificate,
): Promise<Proof> {
  const { ports } = context;
  const { credentialId, session } = reservedParts(context);
  const proof = await runPhase(context, 'verify', async (signal) => {
    const verification = (await session.verify(plan)).map((item) => recordedVerification(credentialId, item));
    const after = await session.identify();
    if (after.hardwareId !== before.hardwareId) {
      throw new StationError('device_changed', { before: before.hardwareId, after: after.hardwareId });
    }
    const handshake = await connect(ports.edge, key, issued, verification, signal);
    const afterReboot = await checkAfterReboot(context, before, plan, signal);
    const evidence = {
      items: verification.map(({ item, check, expectedSha256, actualSha256, firstReadSha256 }) => ({
        item,
        check,
        expectedSha256,
        actualSha256: actualSha256 ?? null,
        ...(firstReadSha256 === undefined ? {} : { firstReadSha256 }),
      })),
      handshake: handshake === undefined ? null : { ...handshake },
      // A handshake needs the key, and that never left the device: its own next start is the handshake.
      ...(handshake === undefined ? { handshakeLeftOut: 'key on the device' } : {}),
      ...(afterReboot === undefined ? {} : { afterReboot }),
    };
    return { value: { verification, handshake }, evidence };
  });
  // After its evidence is durable: a power cut in between leaves `installed`, which recovery revokes.
  ports.inventory.recordVerified(credentialId, ports.clock.nowMs());
  return proof;
}

/** The handshake where the station holds the key; otherwise insists that the device proved to hold the certified one. */
async function connect(
  edge: EdgePort,
  key: RunKey,
  issued: IssuedCertificate,
  verification: readonly ItemVerification[],
  signal: AbortSignal,
): Promise<HandshakeEvidence | undefined> {
  const { privateKeyPkcs8 } = key;
  if (privateKeyPkcs8 !== undefined) {
    return edge.prove({ certificateDer: issued.certificateDer, privateKeyPkcs8, signal });
  }
  const certified = sha256Hex(key.publicKeySpki);
  const proved = verification.find((item) => item.item === 'privateKey');
  if (proved?.check !== 'proof-of-possession') {
    throw new StationError('verification_impossible', {
      item: 'privateKey',
      reason: 'no proof of possession',
    });
  }
  if (proved.actualSha256 !== certified) {
    throw new StationError('verification_mismatch', {
      item: 'privateKey',
      expectedSha256: certified,
      actualSha256: proved.actualSha256,
    });
  }
  return undefined;
}
