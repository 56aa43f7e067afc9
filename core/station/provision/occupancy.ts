// May what stands in the device's slot be replaced? Only what the station itself left there and knows to be dead, or
// what the operator said in so many words.

import { type Credential, type CredentialItem, isLive } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { recordedDigest } from './recordedDigests.ts';

export type SlotDecision = 'blank' | 'leftover-of-ours' | 'replaced-on-request';

/**
 * Decides on an occupied slot. An interrupted run leaves items whose digests were recorded before the first byte was
 * sent; they and nothing else may be overwritten unasked. Throws `slot_taken` otherwise.
 */
export function decideOnSlot(
  identity: DeviceIdentity,
  history: readonly Credential[],
  replaceAllowed: boolean,
): SlotDecision {
  if (identity.occupied.length === 0) return 'blank';
  const dead = history.filter((credential) => !isLive(credential.state));
  const isLeftover = ({ item, sha256 }: SlotItem): boolean =>
    sha256 !== undefined && dead.some((credential) => isOf(credential, item, sha256));
  if (identity.occupied.every(isLeftover)) return 'leftover-of-ours';
  if (replaceAllowed) return 'replaced-on-request';
  throw new StationError('slot_taken', { items: identity.occupied.map((slot) => slot.item).join(', ') });
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
