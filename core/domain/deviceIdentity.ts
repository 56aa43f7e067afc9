// Who answers on the line, what it can do and what it already holds: a driver's findings before anything is written.

import type { CredentialItem, KeyCustody } from './credential.ts';
import type { HardwareId } from './device.ts';
import type { Sha256Hex } from './ids.ts';
import type { JsonObject } from './run.ts';

export interface SlotItem<Item extends CredentialItem = CredentialItem> {
  readonly item: Item;
  /** Undefined where the device cannot say. */
  readonly sha256: Sha256Hex | undefined;
}

export interface DeviceIdentity {
  readonly hardwareId: HardwareId | undefined;
  readonly hardwareIdSource: 'silicon' | 'usb-serial-number' | 'none';
  readonly firmware: string | undefined;
  /** What the probe found, for the record: `{ "digest": true, "bufLoad": true, "bufferSizeBytes": 1024 }`. */
  readonly capabilities: JsonObject;
  /** What already stands in the slot that this target uses. Empty: blank. */
  readonly occupied: readonly SlotItem[];
  /** Whether the lock that `seal` closes is closed; undefined where the target names none. */
  readonly locked?: boolean | undefined;
  /** Ways of making the key that this device offers, best first. */
  readonly custodyOffered: readonly KeyCustody[];
}
