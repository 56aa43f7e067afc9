// How the station reaches a device behind a serial line, whichever driver speaks to it.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Target } from '../../domain/target.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';

export interface OpenRequest {
  readonly portPath: string;
  /** Of a device that was at `portPath` before: it is opened where it is now. */
  readonly usbSerialNumber?: string | undefined;
  readonly target: Target;
  readonly transcript: TranscriptSink;
  readonly signal: AbortSignal;
}

export interface LinkPort {
  /** Opens the port exclusively and checks that the target's protocol answers. */
  open(request: OpenRequest): Promise<DeviceSession>;
}
