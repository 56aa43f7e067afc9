// What the station asks of a device behind a serial line, whichever driver speaks to it.

import type { CredentialItem, KeyCustody, StoredDigests } from '../../domain/credential.ts';
import type { HardwareId } from '../../domain/device.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Target } from '../../domain/target.ts';
import type { ItemVerification } from '../../domain/verification.ts';

/** Receives the line's traffic as it happens; what is secret arrives already blacked out. */
export interface TranscriptSink {
  write(direction: 'to-device' | 'from-device' | 'note', text: string): void;
}

export interface OpenRequest {
  readonly portPath: string;
  readonly target: Target;
  readonly transcript: TranscriptSink;
  readonly signal: AbortSignal;
}

export interface LinkPort {
  /** Opens the port exclusively and checks that the target's protocol answers. */
  open(request: OpenRequest): Promise<DeviceSession>;
}

export interface SlotItem {
  readonly item: CredentialItem;
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
  /** Ways of making the key that this device offers, best first. */
  readonly custodyOffered: readonly KeyCustody[];
}

/** Upper bounds of what will be installed, known before anything is signed. */
export interface InstallSizes {
  readonly caDerSizeBytes: number;
  readonly certificateDerMaxSizeBytes: number;
  readonly privateKeyPkcs8SizeBytes: number;
}

export interface InstallMaterial {
  readonly caDer: Uint8Array;
  /** The leaf first; the issuing CA's certificate after it. The driver sends as much as the target wants. */
  readonly chainDer: readonly Uint8Array[];
  /** PKCS#8 DER; undefined when the key is on the device. */
  readonly privateKeyPkcs8: Secret | undefined;
}

/** What will be stored, byte for byte; made before the first byte is sent so that its digests can be recorded. */
export interface InstallPlan {
  readonly storedDigests: StoredDigests;
  readonly summary: JsonObject;
}

export interface InstallProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/** A key pair that the device made and keeps. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** PKCS#10 as the device made it, its signature checked; undefined where the device only tells its public key. */
  readonly certificationRequestDer: Uint8Array | undefined;
  /** How the device showed that it holds the private key. */
  readonly proof: 'signed-request' | 'none';
  readonly evidence: JsonObject;
}

export interface DeviceSession {
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
  install(
    plan: InstallPlan,
    options: { readonly replace: boolean; readonly onProgress: (progress: InstallProgress) => void },
  ): Promise<JsonObject>;
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
