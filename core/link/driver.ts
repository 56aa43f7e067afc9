// What a driver is given and what it must offer. The session it opens is the domain's, which the station knows too.

import type { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import type { DeviceSession } from '../domain/deviceSession.ts';
import type { KeyAlgorithm } from '../domain/profile.ts';
import type { Target } from '../domain/target.ts';
import type { TranscriptSink } from '../domain/transcript.ts';
import type { OpenTransport, Transport } from './transport.ts';

export interface DriverContext {
  readonly transport: Transport;
  readonly target: Target;
  readonly transcript: TranscriptSink;
  /** Monotonic, for timeouts and durations. */
  readonly clock: Clock;
  /** Ends every wait of the session when it fires. */
  readonly signal: AbortSignal;
}

/** What a driver knows of where a target may keep a username and a password. */
export interface PasswordPlaces {
  /** What a place looks like: a path, a key, a file's name. */
  readonly form: z.ZodType;
  /** Where the rest of the credential stands. */
  readonly taken: readonly string[];
}

export interface Driver {
  /** As targets name it. */
  readonly name: string;
  /** The form of the options; `checkTarget` also checks what goes together. */
  readonly optionsSchema: z.ZodType;
  /** Throws `target_invalid` when the target's options are not this driver's. */
  checkTarget(target: Target): void;
  /** The keys that it can bring to a device in the form that this target names, whatever the device makes of them. */
  keyAlgorithms(target: Target): readonly KeyAlgorithm[];
  /** Where such a target could keep a username and a password; left out or undefined: nowhere. */
  passwordPlaces?(target: Target): PasswordPlaces | undefined;
  /** Where it is no serial port that is opened. */
  readonly openTransport?: OpenTransport;
  /**
   * Checks that the protocol answers. The caller closes the transport when this throws. What a session needs is loaded here: a
   * host that only checks targets, or has one kind of device, does without the others.
   */
  open(context: DriverContext): Promise<DeviceSession>;
}
