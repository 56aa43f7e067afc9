// The phases after the signature: install, and verify by the device's own digest and by a real handshake.

import { StationError } from '../../domain/stationError.ts';
import type { HandshakeEvidence, ItemVerification } from '../../domain/verification.ts';
import { announce } from '../events.ts';
import type { IssuedCertificate } from '../ports/authority.ts';
import type { StationKey } from '../ports/keys.ts';
import type { DeviceIdentity, InstallPlan } from '../ports/link.ts';
import { type RunContext, runPhase } from './context.ts';
import { reservedParts } from './phases.ts';

/** Writes CA, certificate and key. The digests of what will be stored are recorded before the first byte is sent. */
export function install(
  context: RunContext,
  key: StationKey,
  issued: IssuedCertificate,
): Promise<InstallPlan> {
  const { ports, request, runId } = context;
  return runPhase(context, 'install', async () => {
    const { credentialId, session } = reservedParts(context);
    const plan = session.plan({
      caDer: ports.authority.rootDer,
      chainDer: [issued.certificateDer, issued.issuingDer ?? ports.authority.issuingDer],
      privateKeyPkcs8: key.privateKeyPkcs8,
    });
    ports.inventory.recordInstallIntent(credentialId, plan.storedDigests, ports.clock.nowMs());
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

export interface Proof {
  readonly verification: readonly ItemVerification[];
  readonly handshake: HandshakeEvidence;
}

/**
 * Proves the installation: the same board still answers, it holds what was sent, and the credential opens a mutual-TLS
 * connection to this site's edge server.
 */
export async function verify(
  context: RunContext,
  before: DeviceIdentity,
  plan: InstallPlan,
  key: StationKey,
  issued: IssuedCertificate,
): Promise<Proof> {
  const { ports } = context;
  const { credentialId, session } = reservedParts(context);
  const proof = await runPhase(context, 'verify', async (signal) => {
    const verification = await session.verify(plan);
    const after = await session.identify();
    if (after.hardwareId !== before.hardwareId) {
      throw new StationError('device_changed', { before: before.hardwareId, after: after.hardwareId });
    }
    const handshake = await ports.edge.prove({
      certificateDer: issued.certificateDer,
      privateKeyPkcs8: key.privateKeyPkcs8,
      signal,
    });
    const evidence = {
      items: verification.map(({ item, check, expectedSha256, actualSha256 }) => ({
        item,
        check,
        expectedSha256,
        actualSha256: actualSha256 ?? null,
      })),
      handshake: { ...handshake },
    };
    return { value: { verification, handshake }, evidence };
  });
  // After its evidence is durable: a power cut in between leaves `installed`, which recovery revokes.
  ports.inventory.recordVerified(credentialId, ports.clock.nowMs());
  return proof;
}
