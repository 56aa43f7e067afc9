import { describe, expect, it } from 'vitest';
import { batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { threadlessMaker } from '../../../../core/authority/batch/makers.ts';
import { MemorySink } from '../../../../core/authority/batch/memorySink.ts';
import type { BatchOutput, BatchSink } from '../../../../core/authority/batch/port.ts';
import { type BlockMaker, recoverBatch, runBatch } from '../../../../core/authority/batch/runBatch.ts';
import { deviceProfile, deviceSerials, systemRandom } from '../../../support/batchFixture.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

const issuing = testIssuing(testRoot());
const profile = deviceProfile();
const plan = {
  profile,
  validity: batchValidity(profile, issuing.certificateDer, Date.now()),
  verifySignatures: true,
  recheckEvery: 100,
};

/** Bytes that stand for a file; `append` can be made to stop in the middle, as a full disk does. */
class MemoryOutput implements BatchOutput {
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

const COUNT = 23;
const setUp = () => ({
  sink: new MemorySink(deviceSerials(COUNT), {}, systemRandom),
  output: new MemoryOutput(),
});

const run = (
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
function expectWhole(sink: MemorySink, output: MemoryOutput): void {
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

describe('a batch', () => {
  it('runs to its end in blocks and reports its way', async () => {
    const { sink, output } = setUp();
    const counts: number[] = [];
    const end = await run(sink, output, { onProgress: ({ issuedCount }) => counts.push(issuedCount) });
    expect(counts).toEqual([5, 10, 15, 20, 23]);
    expect(end).toEqual({ issuedCount: COUNT, outputSizeBytes: output.sizeBytes });
    expectWhole(sink, output);
    expect((await run(sink, output)).issuedCount).toBe(COUNT);
    expectWhole(sink, output);
  });

  it('stops at the signal with everything recorded, and carries on', async () => {
    const { sink, output } = setUp();
    const controller = new AbortController();
    const stopped = await run(sink, output, {
      signal: controller.signal,
      onProgress: ({ issuedCount }) => issuedCount >= 10 && controller.abort(),
    });
    expect(stopped.issuedCount).toBe(10);
    expect(sink.state().reserved).toEqual([]);
    await run(sink, output);
    expectWhole(sink, output);
  });

  it('keeps no more blocks in work than it was told', async () => {
    const { sink, output } = setUp();
    let working = 0;
    let most = 0;
    const maker: BlockMaker = {
      parallelBlocks: 2,
      async make(devices) {
        working += 1;
        most = Math.max(most, working);
        await new Promise((resolve) => setImmediate(resolve));
        working -= 1;
        return threadlessMaker(plan, issuing.signer).make(devices);
      },
    };
    await run(sink, output, { maker });
    expect(most).toBe(3);
    expectWhole(sink, output);
  });

  it('overwrites the private keys that it has handed on', async () => {
    const { sink, output } = setUp();
    const inner = threadlessMaker(plan, issuing.signer);
    const blocks: Uint8Array[] = [];
    await run(sink, output, {
      maker: {
        parallelBlocks: 0,
        async make(devices) {
          const block = await inner.make(devices);
          blocks.push(block.output);
          return block;
        },
      },
    });
    expect(blocks).toHaveLength(5);
    expect(blocks.every((bytes) => bytes.every((octet) => octet === 0))).toBe(true);
  });

  it('answers for a block that fails, and the next attempt leaves no gap', async () => {
    const { sink, output } = setUp();
    const inner = threadlessMaker(plan, issuing.signer);
    let blocks = 0;
    const maker: BlockMaker = {
      parallelBlocks: 2,
      make: async (devices) => {
        blocks += 1;
        if (blocks === 3) throw new Error('broken worker');
        return inner.make(devices);
      },
    };
    await expect(run(sink, output, { maker })).rejects.toThrow('broken worker');
    await run(sink, output);
    expectWhole(sink, output);
  });
});

describe('a batch that power leaves', () => {
  type Step = 'before' | 'after' | 'torn';

  /** Stops at the `at`th durable step: before it, after it, or, when bytes are being written, in the middle. */
  function failing(sink: MemorySink, output: MemoryOutput, at: number, step: Step) {
    let count = 0;
    const cut = <T>(work: () => T, torn?: () => void): T => {
      count += 1;
      if (count !== at) return work();
      if (step === 'torn') torn?.();
      if (step === 'after') work();
      throw new Error('power cut');
    };
    const failingSink: BatchSink = {
      state: () => sink.state(),
      hasIssued: (certificateSerial) => sink.hasIssued(certificateSerial),
      reserve: (size) => cut(() => sink.reserve(size)),
      commit: (certificates, size) => cut(() => sink.commit(certificates, size)),
      void: (reserved) => cut(() => sink.void(reserved)),
    };
    const failingOutput: BatchOutput = {
      path: output.path,
      get sizeBytes() {
        return output.sizeBytes;
      },
      append: (bytes) =>
        cut(
          () => output.append(bytes),
          () => output.append(bytes.subarray(0, Math.floor(bytes.length * 0.7))),
        ),
      linesFrom: (offset) => output.linesFrom(offset),
      truncate: (size) => cut(() => output.truncate(size)),
      close: () => undefined,
    };
    return { failingSink, failingOutput, finished: () => count < at };
  }

  it.each(['before', 'after', 'torn'] as const)(
    '%s any step is whole again after the next run',
    async (step) => {
      for (let at = 1; ; at += 1) {
        const { sink, output } = setUp();
        const { failingSink, failingOutput, finished } = failing(sink, output, at, step);
        await run(failingSink, failingOutput).catch((error: Error) =>
          expect(error.message).toBe('power cut'),
        );
        if (finished()) {
          expect(at).toBeGreaterThan(15);
          break;
        }
        // And once more while it is being set right.
        const second = failing(sink, output, 1, step);
        await run(second.failingSink, second.failingOutput).catch(() => undefined);
        await run(sink, output);
        expectWhole(sink, output);
      }
    },
  );

  it('keeps whole lines that were not committed, for somebody may have read them', async () => {
    const { sink, output } = setUp();
    const { failingSink, failingOutput } = failing(sink, output, 3, 'before');
    await run(failingSink, failingOutput).catch(() => undefined);
    const written = output.lines();
    expect(written).toHaveLength(5);
    expect(sink.issued.size).toBe(0);
    expect(recoverBatch(sink, output, issuing.signer)).toBe(5);
    expect(output.lines()).toEqual(written);
  });

  it('cuts off what it did not write itself behind its own lines', async () => {
    const { sink, output } = setUp();
    const controller = new AbortController();
    await run(sink, output, { signal: controller.signal, onProgress: () => controller.abort() });
    output.append(Buffer.from('{"deviceSerial":"SN-0000001"}\nnonsense\n'));
    await run(sink, output);
    expectWhole(sink, output);
  });

  it.each(['nothing', 'another batch', 'a text', 'a text without a line end'])(
    'does not go on in a file that holds %s, nor changes it',
    async (what) => {
      const { sink } = setUp();
      const own = new MemoryOutput();
      const controller = new AbortController();
      await run(sink, own, { signal: controller.signal, onProgress: () => controller.abort() });
      const reserved = sink.reserve(3);
      const other = setUp();
      if (what === 'another batch') await run(other.sink, other.output);
      else if (what !== 'nothing') other.output.append(Buffer.from(what === 'a text' ? `${what}\n` : what));
      const before = Buffer.from(other.output.bytes);
      await expect(run(sink, other.output)).rejects.toMatchObject({ code: 'batch_output_foreign' });
      expect(other.output.bytes).toEqual(before);
      expect(sink.state().reserved).toEqual(reserved);
      await run(sink, own);
      expectWhole(sink, own);
    },
  );

  it('does not begin in the file of another batch, nor one stopped at its first block', async () => {
    const other = setUp();
    await run(other.sink, other.output);
    const { sink } = setUp();
    await expect(run(sink, other.output)).rejects.toMatchObject({ code: 'batch_output_foreign' });
    sink.reserve(5);
    await expect(run(sink, other.output)).rejects.toMatchObject({ code: 'batch_output_foreign' });
    expectWhole(other.sink, other.output);
  });

  it('does not accept a line for a device twice, or one signed by another CA', async () => {
    const { sink, output } = setUp();
    const foreign = testIssuing(testRoot());
    const reserved = sink.reserve(2);
    const [first, second] = reserved;
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const mine = await threadlessMaker(plan, issuing.signer).make([first]);
    const theirs = await threadlessMaker(plan, foreign.signer).make([second]);
    output.append(mine.output);
    output.append(mine.output);
    output.append(theirs.output);
    expect(recoverBatch(sink, output, issuing.signer)).toBe(1);
    expect(output.lines()).toHaveLength(1);
    await run(sink, output);
    expectWhole(sink, output);
  });

  it('is refused when the output lost what was committed', async () => {
    const { sink, output } = setUp();
    await run(sink, output);
    output.truncate(output.sizeBytes - 1);
    expect(() => recoverBatch(sink, output, issuing.signer)).toThrow(
      expect.objectContaining({ code: 'storage_failed' }),
    );
  });
});
