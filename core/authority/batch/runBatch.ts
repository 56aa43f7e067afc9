// Runs a batch to its end from wherever it stands. The order of the steps is the whole point: reserve (durable), make,
// write the output (durable), commit. A power cut after any of them loses nothing and repeats nothing.

import { StationError } from '../../domain/stationError.ts';
import type { CaSigner } from '../signing/signer.ts';
import type { IssuedBlock } from './blockIssuer.ts';
import { lineHead, readOutputLine, serialOfLine } from './outputLines.ts';
import type { BatchCertificate, BatchOutput, BatchSink, ReservedDevice } from './port.ts';

/** Devices per block: large enough that a commit costs little beside its rows, small enough that progress is seen. */
export const DEFAULT_BLOCK_SIZE = 2_000;

/** Whoever makes the blocks: this thread or several workers. */
export interface BlockMaker {
  /** How many blocks it makes while others are recorded; with 0, a block is recorded before the next is begun. */
  readonly parallelBlocks: number;
  make(devices: readonly ReservedDevice[]): Promise<IssuedBlock>;
}

export interface BatchProgress {
  /** Devices of the batch that are recorded as issued, those of earlier attempts included. */
  readonly issuedCount: number;
  readonly outputSizeBytes: number;
}

export interface BatchRequest {
  readonly sink: BatchSink;
  readonly output: BatchOutput;
  readonly maker: BlockMaker;
  /** To recognise what an earlier attempt left in the output. */
  readonly issuer: CaSigner;
  /** Devices per transaction; the memory used is proportional to it and to nothing else. */
  readonly blockSize: number;
  /** Stops after the blocks that are being made: they are finished and recorded. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BatchProgress) => void;
}

/** Returns when the batch is full or the signal came. Whatever it throws, calling it again carries on. */
export async function runBatch(request: BatchRequest): Promise<BatchProgress> {
  const { sink, output, maker, blockSize, signal } = request;
  let issuedCount = recoverBatch(sink, output, request.issuer);
  const inWork: Promise<IssuedBlock>[] = [];
  let full = false;
  try {
    for (;;) {
      // One block more than the makers hold, so that none of them waits for the disk.
      while (!full && !signal.aborted && inWork.length <= maker.parallelBlocks) {
        const devices = sink.reserve(blockSize);
        if (devices.length === 0) full = true;
        else inWork.push(watched(maker.make(devices)));
      }
      const block = await inWork.shift();
      if (block === undefined) break;
      record(sink, output, block);
      issuedCount += block.certificates.length;
      request.onProgress({ issuedCount, outputSizeBytes: output.sizeBytes });
    }
  } finally {
    await Promise.allSettled(inWork);
  }
  return { issuedCount, outputSizeBytes: output.sizeBytes };
}

function record(sink: BatchSink, output: BatchOutput, block: IssuedBlock): void {
  try {
    output.append(block.output);
    sink.commit(block.certificates, output.sizeBytes);
  } finally {
    block.output.fill(0);
  }
}

/**
 * Settles what a stopped attempt left: whole lines behind the last commit are recorded, since somebody may have read them;
 * the rest is cut off, and reservations without a line are voided. Returns the number of issued devices. Throws
 * `batch_output_foreign` for an output that this batch did not begin, and `storage_failed` for its own when it is shorter
 * than what was committed: private keys are missing from it.
 */
export function recoverBatch(sink: BatchSink, output: BatchOutput, issuer: CaSigner): number {
  const { issuedCount, outputSizeBytes, reserved } = sink.state();
  if (!isOwn(sink, output)) throw new StationError('batch_output_foreign', { path: output.path });
  if (output.sizeBytes < outputSizeBytes) {
    throw new StationError('storage_failed', {
      reason: 'batch-output-cut',
      expectedSizeBytes: outputSizeBytes,
      actualSizeBytes: output.sizeBytes,
    });
  }
  const open = new Map<string, ReservedDevice>(reserved.map((device) => [device.deviceSerial, device]));
  const found: BatchCertificate[] = [];
  let endOffsetBytes = outputSizeBytes;
  for (const line of output.linesFrom(outputSizeBytes)) {
    const certificate = line.finished ? readOutputLine(line.text, open, issuer) : undefined;
    if (certificate === undefined) break;
    found.push(certificate);
    open.delete(certificate.deviceSerial);
    endOffsetBytes = line.endOffsetBytes;
  }
  if (output.sizeBytes > endOffsetBytes) output.truncate(endOffsetBytes);
  if (found.length > 0) sink.commit(found, endOffsetBytes);
  if (open.size > 0) sink.void([...open.values()], 'batch-interrupted');
  return issuedCount + found.length;
}

/** Nothing is cut off from a file that holds something else: it may be another batch's private keys. */
function isOwn(sink: BatchSink, output: BatchOutput): boolean {
  const { outputSizeBytes, reserved } = sink.state();
  const [first] = output.linesFrom(0);
  if (first === undefined) return outputSizeBytes === 0;
  const { text, finished } = first;
  const serial = serialOfLine(text);
  if (serial !== undefined && sink.hasIssued(serial)) return true;
  // Stopped before its first block was recorded, perhaps in the middle of the very first line.
  return reserved.map(lineHead).some((head) => text.startsWith(head) || (!finished && head.startsWith(text)));
}

/** A block may fail while an earlier one is awaited; it is answered for when its turn comes. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
