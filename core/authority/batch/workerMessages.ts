// What goes between a batch and its workers. Certificates travel packed into one buffer: a small Buffer would drag the
// whole pool that it is cut from along, with whatever else stands there.

import type { KeyObject } from 'node:crypto';
import type { ErrorCode, ErrorDetails } from '../../domain/stationError.ts';
import type { BlockPlan, IssuedBlock } from './blockIssuer.ts';
import type { BatchCertificate, ReservedDevice } from './port.ts';

export interface WorkerSetup {
  readonly plan: BlockPlan;
  readonly issuingDer: Uint8Array;
  /** Handed over as a handle; its bytes never enter JavaScript. */
  readonly issuingKey: KeyObject;
}

export interface WorkerTask {
  readonly devices: readonly ReservedDevice[];
}

export type WorkerAnswer =
  | { readonly kind: 'block'; readonly block: PackedBlock }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly details: ErrorDetails };

export interface PackedBlock {
  readonly facts: readonly (Omit<BatchCertificate, 'certificateDer'> & {
    readonly sizeBytes: number;
  })[];
  readonly certificatesDer: Uint8Array<ArrayBuffer>;
  readonly output: Uint8Array<ArrayBuffer>;
}

export function packBlock(block: IssuedBlock): PackedBlock {
  const sizeBytes = block.certificates.reduce((sum, one) => sum + one.certificateDer.length, 0);
  const certificatesDer = new Uint8Array(sizeBytes);
  let offset = 0;
  const facts = block.certificates.map(({ certificateDer, ...rest }) => {
    certificatesDer.set(certificateDer, offset);
    offset += certificateDer.length;
    return { ...rest, sizeBytes: certificateDer.length };
  });
  const output = new Uint8Array(block.output);
  block.output.fill(0);
  return { facts, certificatesDer, output };
}

export function unpackBlock({ facts, certificatesDer, output }: PackedBlock): IssuedBlock {
  let offset = 0;
  const certificates = facts.map(({ sizeBytes, ...rest }) => {
    const certificateDer = certificatesDer.subarray(offset, offset + sizeBytes);
    offset += sizeBytes;
    return { ...rest, certificateDer };
  });
  return { certificates, output };
}
