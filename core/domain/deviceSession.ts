// What the station asks of one device behind a serial line, and what every driver answers. It stands here because both
// sides need it and neither may import the other.

import type { DeviceIdentity } from './deviceIdentity.ts';
import type { DeviceKey } from './deviceKey.ts';
import type { Sha256Hex } from './ids.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from './install.ts';
import type { KeyAlgorithm } from './profile.ts';
import type { JsonObject } from './run.ts';
import type { ItemVerification } from './verification.ts';

export interface DeviceSession {
  /** Of the port that it was opened at, where that has one: the device is found by it when it comes back elsewhere. */
  readonly usbSerialNumber?: string | undefined;
  identify(): Promise<DeviceIdentity>;
  /**
   * Makes a key pair on the device; present only where `identify` offers `on-device`. A key that is already there is
   * replaced only if `replace`; otherwise `slot_taken`. Call it before `plan`, which then gets no private key.
   */
  generateKey?(algorithm: KeyAlgorithm, options: { readonly replace: boolean }): Promise<DeviceKey>;
  /** Throws `credential_too_large` or `device_store_full` before anything is signed. */
  checkFit(sizes: InstallSizes): void;
  plan(material: InstallMaterial): InstallPlan;
  /** Replaces what is in the slot only if `replace`; otherwise `slot_taken`. Returns evidence for the record. */
  install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject>;
  /**
   * Whether a certificate's place holds what this DER is stored as, or the beginning of that: a write that was cut off. False where
   * its digest, as it would be stored, is not `storedSha256`. Present only where content can be read.
   */
  holdsBeginning?(item: 'ca' | 'certificate', der: Uint8Array, storedSha256: Sha256Hex): Promise<boolean>;
  /** Compares what the device holds with the plan; a mismatch throws `verification_mismatch`. */
  verify(plan: InstallPlan): Promise<readonly ItemVerification[]>;
  /**
   * Starts the device anew by a command; false where its firmware has none. Nothing can be asked of the session afterwards:
   * close it and open another.
   */
  restart?(): Promise<boolean>;
  /** Locks what was installed, for good. Present only where the target can; returns evidence for the record. */
  seal?(): Promise<JsonObject>;
  /** Restores the device's line settings and releases the port. Never throws. */
  close(): Promise<void>;
}
