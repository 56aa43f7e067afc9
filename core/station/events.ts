// What a run tells while it goes on: to interfaces through a listener, to fault tests through a diagnostics channel.

import { channel } from 'node:diagnostics_channel';
import type { KeyCustody } from '../domain/credential.ts';
import type { DeviceSerial, HardwareId } from '../domain/device.ts';
import type { RunId } from '../domain/ids.ts';
import type { Outcome, Phase, RunFailure } from '../domain/run.ts';
import type { HandshakeEvidence, ItemVerification } from '../domain/verification.ts';

/** How a closed run ended, as an interface shows it. */
export interface RunResult {
  readonly runId: RunId;
  readonly bayName: string;
  readonly portPath: string;
  readonly deviceSerial: DeviceSerial;
  readonly hardwareId: HardwareId | undefined;
  readonly certificateSerial: string | undefined;
  /** Where the key was made; undefined when the run did not get that far. */
  readonly custody: KeyCustody | undefined;
  readonly outcome: Outcome;
  /** The phase that did not pass. */
  readonly failedPhase: Phase | undefined;
  readonly failure: RunFailure | undefined;
  readonly verification: readonly ItemVerification[];
  /** Undefined also where the key is on the device: the station cannot connect with it, the device's next boot does. */
  readonly handshake: HandshakeEvidence | undefined;
  /** Answers of the device that were garbled and asked for a second time: more than none speaks against cable or line. */
  readonly askedAgainCount: number;
  readonly durationMs: number;
}

/** A device serial that the inventory would not open a run for: no run exists, the bay goes on. */
export interface Refusal {
  readonly bayName: string;
  readonly deviceSerial: DeviceSerial;
  readonly failure: RunFailure;
}

interface OfRun {
  readonly runId: RunId;
  readonly bayName: string;
  readonly deviceSerial: DeviceSerial;
}

export type RunEvent =
  | (OfRun & { readonly kind: 'phase-begun'; readonly phase: Phase })
  | (OfRun & { readonly kind: 'phase-ended'; readonly phase: Phase; readonly outcome: Outcome })
  | (OfRun & { readonly kind: 'install-progress'; readonly sentBytes: number; readonly totalBytes: number })
  | (OfRun & { readonly kind: 'closed'; readonly result: RunResult })
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type RunListener = (event: RunEvent) => void;

/** Fault tests subscribe here to end the process at an exact point; the product never does. */
const phaseChannel = channel('keyline.phase');

/** Tells a listener; one that throws must not disturb the run. */
export function announce(listener: RunListener, event: RunEvent): void {
  phaseChannel.publish(event);
  try {
    listener(event);
  } catch {
    // An interface's trouble is not the device's.
  }
}
