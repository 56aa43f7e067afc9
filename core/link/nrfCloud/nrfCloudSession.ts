// One Zephyr device that makes and keeps its own key: certificates go through the credential shell, the key by Nordic's
// command beside it. After the installation the device signs once more, over a name made of the certificate's digest.

import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import type { DeviceKey } from '../../domain/deviceKey.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { requireOnDevice } from '../plan/material.ts';
import { sha256Hex } from '../plan/storedPlan.ts';
import { certifiedKey } from '../proof/certifiedKey.ts';
import type { LineSession } from '../session/lineSession.ts';
import { deleteEntry } from '../zephyr/entries.ts';
import { listCredentials } from '../zephyr/probe.ts';
import { occupiedItems } from '../zephyr/replies.ts';
import type { ZephyrSession } from '../zephyr/zephyrSession.ts';
import { deleteKey, generateKey, PROBE_NAME, signedRequest } from './deviceKeyCommands.ts';

/** 128 bits of the certificate's digest: the device cannot have signed that before the certificate existed. */
const PROOF_NAME_LENGTH = 32;

export class NrfCloudSession implements DeviceSession {
  readonly #shell: ZephyrSession;
  readonly #line: LineSession;
  readonly #securityTag: number;
  readonly #leaves = new WeakMap<InstallPlan, Uint8Array>();

  constructor(shell: ZephyrSession, line: LineSession, securityTag: number) {
    this.#shell = shell;
    this.#line = line;
    this.#securityTag = securityTag;
  }

  async identify(): Promise<DeviceIdentity> {
    const identity = await this.#shell.identify();
    const request = await signedRequest(this.#line, this.#securityTag, PROBE_NAME);
    const certificates = identity.occupied.filter(({ item }) => item !== 'privateKey');
    const hasKey = request !== undefined || certificates.length < identity.occupied.length;
    return {
      ...identity,
      capabilities: {
        ...identity.capabilities,
        keygen: true,
        deviceKeySha256: request === undefined ? null : sha256Hex(request.publicKeySpki),
      },
      occupied: hasKey ? [...certificates, { item: 'privateKey', sha256: undefined }] : certificates,
      custodyOffered: ['on-device'],
    };
  }

  async generateKey(algorithm: KeyAlgorithm, { replace }: { readonly replace: boolean }): Promise<DeviceKey> {
    requireOnDevice(algorithm);
    const line = this.#line;
    const securityTag = this.#securityTag;
    const stored = occupiedItems(await listCredentials(line), securityTag);
    const foreignKey = stored.some(({ item }) => item === 'privateKey');
    const ownKey = (await signedRequest(line, securityTag, PROBE_NAME)) !== undefined;
    if ((foreignKey || ownKey) && !replace) {
      throw new StationError('slot_taken', { securityTag, items: 'privateKey' });
    }
    // A key that was sent would stand beside the device's own under the same tag, and TLS would take either.
    if (foreignKey) await deleteEntry(line, 'privateKey', securityTag);
    if (ownKey) await deleteKey(line, securityTag);
    await generateKey(line, securityTag);
    const request = await signedRequest(line, securityTag, PROBE_NAME);
    if (request === undefined) {
      throw new StationError('device_answer_invalid', { what: 'certification request', reason: 'no key' });
    }
    return {
      publicKeySpki: request.publicKeySpki,
      certificationRequestDer: request.der,
      proof: 'signed-request',
      evidence: {
        securityTag,
        publicKeySha256: sha256Hex(request.publicKeySpki),
        replaced: ownKey || foreignKey,
      },
    };
  }

  checkFit(sizes: InstallSizes): void {
    this.#shell.checkFit({ ...sizes, privateKeyPkcs8SizeBytes: 0 });
  }

  plan(material: InstallMaterial): InstallPlan {
    const plan = this.#shell.plan(material);
    const [leaf] = material.chainDer;
    if (leaf !== undefined) this.#leaves.set(plan, Uint8Array.from(leaf));
    return plan;
  }

  install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    return this.#shell.install(plan, options);
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const certificates = await this.#shell.verify(plan);
    const leaf = this.#leaves.get(plan);
    if (leaf === undefined) throw new StationError('internal', { message: 'a plan of another session' });
    const name = sha256Hex(leaf).slice(0, PROOF_NAME_LENGTH);
    const request = await signedRequest(this.#line, this.#securityTag, name);
    const expectedSha256 = sha256Hex(certifiedKey(leaf));
    const actualSha256 = request === undefined ? undefined : sha256Hex(request.publicKeySpki);
    if (actualSha256 !== expectedSha256) {
      throw new StationError('verification_mismatch', { item: 'privateKey', expectedSha256, actualSha256 });
    }
    return [
      ...certificates,
      { item: 'privateKey', check: 'proof-of-possession', expectedSha256, actualSha256 },
    ];
  }

  restart(): Promise<boolean> {
    return this.#shell.restart();
  }

  close(): Promise<void> {
    return this.#shell.close();
  }
}
