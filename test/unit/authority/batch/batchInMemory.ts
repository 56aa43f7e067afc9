// A batch of a few devices whose records and output are in memory.

import { expect } from 'vitest';
import { batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { threadlessMaker } from '../../../../core/authority/batch/makers.ts';
import { MemorySink } from '../../../../core/authority/batch/memorySink.ts';
import type { BatchOutput, BatchSink } from '../../../../core/authority/batch/port.ts';
import { type BlockMaker, runBatch } from '../../../../core/authority/batch/runBatch.ts';
import { deviceProfile, deviceSerials, systemRandom } from '../../../support/batchFixture.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

export const issuing = testIssuing(testRoot());
export const profile = deviceProfile();
export const plan = {
  profile,
  validity: batchValidity(profile, issuing.certificateDer, Date.now()),
  verifySignatures: true,
  recheckEvery: 100,
};

/** Bytes that stand for a file; `append` can be made to stop in the middle, as a full disk does. */
export class MemoryOutput implements BatchOutput {
  readonly path = 'batch.jsonl';
  bytes: Buffer = Buffer.alloc(0);
  get sizeBytes(): number {
    return this.bytes.length;
  }
  append(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }
  *linesFrom(offsetBytes: number) {
    for (let start = offsetBytes; start < this.bytes.length; ) {
      const end = this.bytes.indexOf('\n', start);
      const finished = end !== -1;
      const endOffsetBytes = finished ? end + 1 : this.bytes.length;
      yield {
        text: this.bytes.toString('utf8', start, finished ? end : endOffsetBytes),
        endOffsetBytes,
        finished,
      };
      start = endOffsetBytes;
    }
  }
  truncate(sizeBytes: number): void {
    this.bytes = this.bytes.subarray(0, sizeBytes);
  }
  close(): void {}
  lines(): { deviceSerial: string; certificateSerial: string }[] {
    return this.bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

export const COUNT = 23;
export const setUp = () => ({
  sink: new MemorySink(deviceSerials(COUNT), {}, systemRandom),
  output: new MemoryOutput(),
});

export const run = (
  sink: BatchSink,
  output: BatchOutput,
  options: {
    maker?: BlockMaker;
    signal?: AbortSignal;
    onProgress?: (progress: { issuedCount: number }) => void;
  } = {},
) =>
  runBatch({
    sink,
    output,
    maker: options.maker ?? threadlessMaker(plan, issuing.signer),
    issuer: issuing.signer,
    blockSize: 5,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => undefined),
  });

/** The one promise of a batch: every device once, in the output and in the records, with the same certificate. */
export function expectWhole(sink: MemorySink, output: MemoryOutput): void {
  const lines = output.lines();
  expect(lines.map((line) => line.deviceSerial).sort()).toEqual(deviceSerials(COUNT));
  expect(new Set(lines.map((line) => line.certificateSerial)).size).toBe(COUNT);
  for (const line of lines) {
    const recorded = [...sink.issued.values()].find((one) => one.deviceSerial === line.deviceSerial);
    expect(recorded?.certificateSerial).toBe(line.certificateSerial);
  }
  expect(sink.state().reserved).toEqual([]);
  expect(sink.state().outputSizeBytes).toBe(output.sizeBytes);
}
