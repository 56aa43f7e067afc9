// What a driver is given and what it must offer. The shapes equal the station's link port, which this folder may not
// import; the type checker compares the two where a host (or a test) puts them together.

import type { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import type { CredentialItem, KeyCustody, StoredDigests } from '../domain/credential.ts';
import type { HardwareId } from '../domain/device.ts';
import type { Sha256Hex } from '../domain/ids.ts';
import type { KeyAlgorithm } from '../domain/profile.ts';
import type { JsonObject } from '../domain/run.ts';
import type { Secret } from '../domain/secret.ts';
import type { Target } from '../domain/target.ts';
import type { ItemVerification } from '../domain/verification.ts';
import type { OpenTransport, Transport } from './transport.ts';

export interface TranscriptSink {
  write(direction: 'to-device' | 'from-device' | 'note', text: string): void;
}

export interface SlotItem {
  readonly item: CredentialItem;
  readonly sha256: Sha256Hex | undefined;
}

export interface DeviceIdentity {
  readonly hardwareId: HardwareId | undefined;
  readonly hardwareIdSource: 'silicon' | 'usb-serial-number' | 'none';
  readonly firmware: string | undefined;
  readonly capabilities: JsonObject;
  readonly occupied: readonly SlotItem[];
  readonly custodyOffered: readonly KeyCustody[];
}

export interface InstallSizes {
  readonly caDerSizeBytes: number;
  readonly certificateDerMaxSizeBytes: number;
  readonly privateKeyPkcs8SizeBytes: number;
}

export interface InstallMaterial {
  readonly caDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly privateKeyPkcs8: Secret | undefined;
}

export interface InstallPlan {
  readonly storedDigests: StoredDigests;
  readonly summary: JsonObject;
}

export interface InstallOptions {
  readonly replace: boolean;
  readonly onProgress: (progress: { readonly sentBytes: number; readonly totalBytes: number }) => void;
}

/** A key pair that the device made and keeps. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** PKCS#10 as the device made it, its signature checked. */
  readonly certificationRequestDer: Uint8Array | undefined;
  /** How the device showed that it holds the private key. */
  readonly proof: 'signed-request' | 'none';
  readonly evidence: JsonObject;
}

export interface DriverSession {
  identify(): Promise<DeviceIdentity>;
  /** Present where a key can be made on the device. */
  generateKey?(algorithm: KeyAlgorithm, options: { readonly replace: boolean }): Promise<DeviceKey>;
  checkFit(sizes: InstallSizes): void;
  plan(material: InstallMaterial): InstallPlan;
  install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject>;
  verify(plan: InstallPlan): Promise<readonly ItemVerification[]>;
  /** Starts the device anew by a command; false where its firmware has none. Only `close` may follow. */
  restart?(): Promise<boolean>;
  /** Locks what was installed, for good. */
  seal?(): Promise<JsonObject>;
  close(): Promise<void>;
}

export interface DriverContext {
  readonly transport: Transport;
  readonly target: Target;
  readonly transcript: TranscriptSink;
  /** Monotonic, for timeouts and durations. */
  readonly clock: Clock;
  /** Ends every wait of the session when it fires. */
  readonly signal: AbortSignal;
}

export interface Driver {
  /** As targets name it. */
  readonly name: string;
  /** The form of the options; `checkTarget` also checks what goes together. */
  readonly optionsSchema: z.ZodType;
  /** Throws `target_invalid` when the target's options are not this driver's. */
  checkTarget(target: Target): void;
  /** Where it is no serial port that is opened. */
  readonly openTransport?: OpenTransport;
  /** Checks that the protocol answers. The caller closes the transport when this throws. */
  open(context: DriverContext): Promise<DriverSession>;
}
