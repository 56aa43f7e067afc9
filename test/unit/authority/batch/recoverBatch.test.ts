import { describe, expect, it } from 'vitest';
import { threadlessMaker } from '../../../../core/authority/batch/makers.ts';
import type { MemorySink } from '../../../../core/authority/batch/memorySink.ts';
import type { BatchOutput, BatchSink } from '../../../../core/authority/batch/port.ts';
import { recoverBatch } from '../../../../core/authority/batch/runBatch.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';
import { expectWhole, issuing, MemoryOutput, plan, run, setUp } from './batchInMemory.ts';

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
