// May what stands in the device's slot be replaced? Only what the station itself left there and knows to be dead, or
// what the operator said in so many words.

import { type Credential, isLive } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import { StationError } from '../../domain/stationError.ts';

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
  const isLeftover = (slot: SlotItem): boolean =>
    slot.sha256 !== undefined && dead.some((credential) => leftBehind(credential, slot.item) === slot.sha256);
  if (identity.occupied.every(isLeftover)) return 'leftover-of-ours';
  if (replaceAllowed) return 'replaced-on-request';
  throw new StationError('slot_taken', { items: identity.occupied.map((slot) => slot.item).join(', ') });
}

/** What a dead credential may have left in a slot: what was about to be sent, or the public half of a key made there. */
function leftBehind(credential: Credential, item: SlotItem['item']): string | undefined {
  const madeThere = item === 'privateKey' && credential.custody === 'on-device';
  return madeThere ? credential.publicKeySha256 : credential.storedDigests?.[item];
}

/** Whether the device holds this credential and nothing else, as far as it can say: every item that it shows is the recorded one. */
export function holdsCredential(identity: DeviceIdentity, credential: Credential): boolean {
  const expected = Object.keys(credential.storedDigests ?? {});
  if (expected.length === 0) return false;
  const shown = identity.occupied.filter(({ sha256 }) => sha256 !== undefined);
  const whole = expected.every((item) => identity.occupied.some((slot) => slot.item === item));
  // A device without digests is known by its silicon, which is bound to its device serial.
  if (shown.length === 0) return whole && identity.hardwareId !== undefined;
  return whole && shown.every((slot) => leftBehind(credential, slot.item) === slot.sha256);
}
