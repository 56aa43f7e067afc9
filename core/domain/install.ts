// What is written to a device: how large it may become, what it is made of, and what the device will store of it.

import type { StoredDigests } from './credential.ts';
import type { JsonObject } from './run.ts';
import type { Secret } from './secret.ts';

/** Upper bounds of what will be installed, known before anything is signed. */
export interface InstallSizes {
  readonly caDerSizeBytes: number;
  readonly certificateDerMaxSizeBytes: number;
  readonly privateKeyPkcs8SizeBytes: number;
  /** Where the device is given these, too. */
  readonly password?: { readonly usernameSizeBytes: number; readonly passwordSizeBytes: number } | undefined;
}

export interface InstallMaterial {
  readonly caDer: Uint8Array;
  /** The leaf first; the issuing CA's certificate after it. The driver sends as much as the target wants. */
  readonly chainDer: readonly Uint8Array[];
  /** PKCS#8 DER; undefined when the key is on the device. */
  readonly privateKeyPkcs8: Secret | undefined;
  /** Only for a target with a `passwordSlot`. */
  readonly password?: PasswordCredential | undefined;
}

/** The other kind of credential: what a device tells a broker. */
export interface PasswordCredential {
  readonly username: string;
  readonly password: Secret;
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

export interface InstallOptions {
  /** Whether what stands in the slot may be replaced; otherwise `slot_taken`. */
  readonly replace: boolean;
  readonly onProgress: (progress: InstallProgress) => void;
}
