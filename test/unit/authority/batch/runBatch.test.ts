import { describe, expect, it } from 'vitest';
import { threadlessMaker } from '../../../../core/authority/batch/makers.ts';
import type { BlockMaker } from '../../../../core/authority/batch/runBatch.ts';
import { COUNT, expectWhole, issuing, plan, run, setUp } from './batchInMemory.ts';

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
