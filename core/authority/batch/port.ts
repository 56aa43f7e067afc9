// What a batch asks of whoever keeps the records, and of whoever keeps the output. Every method of the sink is one
// durable transaction. Together they make a batch that a power cut can stop anywhere without a duplicate or a gap.

import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { PatternValues } from '../../domain/profile.ts';

/** A device whose row stands, with a certificate serial that nobody else has or ever will have. */
export interface ReservedDevice {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
  /** What the profile's patterns need besides the device serial. */
  readonly values: PatternValues;
}

/** What is recorded of an issued certificate; its private key is in the output only. */
export interface BatchCertificate {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
  readonly certificateDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly certificateSha256: Sha256Hex;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: Sha256Hex;
}

export interface BatchState {
  /** Devices of this batch that are issued. */
  readonly issuedCount: number;
  /** Size of the output when the last block was committed: what lies behind it is not recorded yet. */
  readonly outputSizeBytes: number;
  /** Reserved and neither issued nor voided: the batch was stopped while they were being made. */
  readonly reserved: readonly ReservedDevice[];
}

export interface BatchSink {
  state(): BatchState;
  /** Whether this batch recorded the certificate with that serial; whoever asks may have read it anywhere. */
  hasIssued(certificateSerial: string): boolean;
  /** Reserves up to `count` devices of the batch, each with a fresh serial; fewer, then none, when the batch is full. */
  reserve(count: number): readonly ReservedDevice[];
  /** Records issued certificates and the output's size in one transaction. Each must have been reserved. */
  commit(certificates: readonly BatchCertificate[], outputSizeBytes: number): void;
  /** Gives reservations up whose certificates exist nowhere; their devices can be reserved again. */
  void(reserved: readonly ReservedDevice[], reason: string): void;
}

export interface BatchOutput {
  readonly path: string;
  readonly sizeBytes: number;
  /** Appends, and returns when the bytes are on the disk. Throws `disk_full`, `storage_failed`. */
  append(bytes: Uint8Array): void;
  /** The lines that begin at `offsetBytes`, without their line ends; an unfinished last line comes too. */
  linesFrom(
    offsetBytes: number,
  ): Iterable<{ readonly text: string; readonly endOffsetBytes: number; readonly finished: boolean }>;
  truncate(sizeBytes: number): void;
  /** Takes an output away again that was made for this and got no line. */
  close(): void;
}
