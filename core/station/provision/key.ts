// The key phase: where profile and device agree that the key is made. A key of the device never comes to the station, so
// what it can be trusted for is settled here: the device must have signed a request with it.

import type { Credential, KeyCustody } from '../../domain/credential.ts';
import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Profile } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { sha256Hex } from '../digest.ts';
import { decideContent } from './content.ts';
import { type RunContext, reservedParts, runPhase } from './context.ts';

/** The key that is to be certified, wherever it was made. */
export interface RunKey {
  readonly custody: KeyCustody;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** Undefined where the key is on the device: it was never here. */
  readonly privateKeyPkcs8: Secret | undefined;
  readonly evidence: JsonObject;
}

/** Makes the key pair and records the fingerprint of its public half. */
export function makeKey(context: RunContext, identity: DeviceIdentity): Promise<RunKey> {
  const { ports, request } = context;
  return runPhase(context, 'key', async () => {
    const { credentialId, session } = reservedParts(context);
    const custody = chooseCustody(identity.custodyOffered, request.profile);
    const key = custody === 'on-device' ? await makeOnDevice(context, session) : makeHere(context, custody);
    context.custody = custody;
    const publicKeySha256 = sha256Hex(key.publicKeySpki);
    ports.inventory.recordKey(credentialId, { publicKeySha256, custody, atMs: ports.clock.nowMs() });
    const keyAlgorithm = request.profile.keyAlgorithm;
    return { value: key, evidence: { custody, keyAlgorithm, publicKeySha256, ...key.evidence } };
  });
}

/** The best that the device offers and the profile allows; `custody_not_offered` otherwise, before anything is reserved. */
export function chooseCustody(
  offered: readonly KeyCustody[],
  { keyCustody: demanded, keyAlgorithm }: Pick<Profile, 'keyCustody' | 'keyAlgorithm'>,
): KeyCustody {
  const possible = offered.filter(
    (custody) => custody !== 'on-device' || ON_DEVICE_ALGORITHMS.includes(keyAlgorithm),
  );
  const choice = possible.find((custody) => demanded === 'any' || custody === demanded);
  if (choice === undefined)
    throw new StationError('custody_not_offered', { demanded, keyAlgorithm, offered: possible.join(', ') });
  return choice;
}

function makeHere(context: RunContext, custody: KeyCustody): RunKey {
  const { publicKeySpki, privateKeyPkcs8 } = context.ports.keys.generate(
    context.request.profile.keyAlgorithm,
  );
  return { custody, publicKeySpki, privateKeyPkcs8, evidence: {} };
}

async function makeOnDevice(context: RunContext, session: DeviceSession): Promise<RunKey> {
  const { keyAlgorithm } = context.request.profile;
  if (session.generateKey === undefined) {
    throw new StationError('capability_missing', { capability: 'key generation' });
  }
  rehearse(context, session);
  giveUpOldKey(context);
  const made = await session.generateKey(keyAlgorithm, { replace: context.slot !== 'blank' });
  // Only a signature shows that the device has the key: a certificate for somebody else's public key must not be made.
  if (made.proof === 'none') {
    throw new StationError('verification_impossible', {
      item: 'privateKey',
      reason: 'no proof of possession',
    });
  }
  return {
    custody: 'on-device',
    publicKeySpki: made.publicKeySpki,
    privateKeyPkcs8: undefined,
    evidence: { ...made.evidence, proof: made.proof },
  };
}

/**
 * Making a key on the device destroys the one before it. So what can be found out beforehand is found out: a throw-away key
 * goes through the same decisions, that the names can be filled in and the certificate will fit.
 */
function rehearse(context: RunContext, session: DeviceSession): void {
  const { publicKeySpki, privateKeyPkcs8 } = context.ports.keys.generate(
    context.request.profile.keyAlgorithm,
  );
  privateKeyPkcs8.wipe();
  decideContent(context, session, { publicKeySpki, privateKeyPkcs8SizeBytes: 0 });
}

/** The credential that is being replaced is dead before its key is: there is never a live one whose key is gone. */
function giveUpOldKey(context: RunContext): void {
  const { inventory, clock } = context.ports;
  const old: Credential | undefined = context.superseded;
  if (old === undefined) return;
  inventory.revoke(old.credentialId, 'superseded', 'a new key is made on the device', clock.nowMs());
  context.superseded = undefined;
}
