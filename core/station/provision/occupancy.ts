// May what stands in the device's slot be replaced? Only what the station itself left there and knows to be dead, or
// what the operator said in so many words.

import { type Credential, type CredentialItem, isLive } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { sha256Hex } from '../digest.ts';
import { recordedDigest } from './recordedDigests.ts';

export type SlotDecision = 'blank' | 'leftover-of-ours' | 'replaced-on-request';

/** Looks on the device whether an item's place holds what a credential was to put there, or the beginning of that. */
export type HoldsBeginning = (item: CredentialItem, credential: Credential) => Promise<boolean>;

/**
 * Decides on an occupied slot. An interrupted run leaves items whose digests were recorded before the first byte was
 * sent, or the beginning of one; they and nothing else may be overwritten unasked. Throws `slot_taken` otherwise.
 */
export async function decideOnSlot(
  identity: DeviceIdentity,
  history: readonly Credential[],
  replaceAllowed: boolean,
  holdsBeginning: HoldsBeginning = async () => false,
): Promise<SlotDecision> {
  if (identity.occupied.length === 0) return 'blank';
  const dead = history.filter((credential) => !isLive(credential.state));
  const isWhole = ({ item, sha256 }: SlotItem): boolean =>
    sha256 !== undefined && dead.some((credential) => isOf(credential, item, sha256));
  const others = identity.occupied.filter((slot) => !isWhole(slot));
  if (others.length === 0) return 'leftover-of-ours';
  if (replaceAllowed) return 'replaced-on-request';
  if (await areBeginnings(others, dead, holdsBeginning)) return 'leftover-of-ours';
  throw new StationError('slot_taken', { items: identity.occupied.map((slot) => slot.item).join(', ') });
}

const EMPTY_SHA256 = sha256Hex(new Uint8Array(0));

/** Whether each of these is what an interrupted write had come to. Where nothing stands yet, nothing can be lost. */
async function areBeginnings(
  slots: readonly SlotItem[],
  dead: readonly Credential[],
  holdsBeginning: HoldsBeginning,
): Promise<boolean> {
  for (const { item, sha256 } of slots) {
    const intended = dead.filter(({ storedDigests }) => storedDigests?.[item] !== undefined);
    let isOurs = sha256 === EMPTY_SHA256 && intended.length > 0;
    for (const credential of intended) isOurs ||= await holdsBeginning(item, credential);
    if (!isOurs) return false;
  }
  return true;
}

/** Whether a credential may have put this into a slot: it was about to be sent, or is the public half of a key made there. */
function isOf(credential: Credential, item: CredentialItem, sha256: Sha256Hex): boolean {
  const madeThere = item === 'privateKey' && credential.custody === 'on-device';
  return madeThere
    ? credential.publicKeySha256 === sha256
    : credential.storedDigests?.[item] === recordedDigest(credential.credentialId, item, sha256);
}

/** What of a device a run is about: a username and a password only where it gives them. */
export const concerning = (identity: DeviceIdentity, givesPassword: boolean): DeviceIdentity =>
  givesPassword
    ? identity
    : {
        ...identity,
        occupied: identity.occupied.filter(({ item }) => item !== 'username' && item !== 'password'),
      };

/** Whether the device holds this credential and nothing else, as far as it can say: every item that it shows is the recorded one. */
export function holdsCredential(identity: DeviceIdentity, credential: Credential): boolean {
  const expected = Object.keys(credential.storedDigests ?? {});
  if (expected.length === 0) return false;
  const { occupied } = concerning(identity, expected.includes('password'));
  const whole = expected.every((item) => occupied.some((slot) => slot.item === item));
  // A device without digests is known by its silicon, which is bound to its device serial.
  if (occupied.every(({ sha256 }) => sha256 === undefined)) return whole && identity.hardwareId !== undefined;
  return (
    whole && occupied.every(({ item, sha256 }) => sha256 === undefined || isOf(credential, item, sha256))
  );
}
