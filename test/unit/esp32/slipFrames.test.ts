import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAnswer, takeFrame } from '../../../core/link/esp32/loader/slipFrames.ts';
import { slipFrame } from '../../../core/simulator/esp32/slip.ts';

/** A response of the loader, as the simulated chip builds them, around this data. */
function answer(op: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0x01, op, data.length & 0xff, data.length >> 8, 0, 0, 0, 0]);
  return Buffer.concat([head, data]);
}
const dataOf = fc.uint8Array({ minLength: 2, maxLength: 200 });

/** Every frame in `bytes`, however they are cut into arrivals. */
function allFrames(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let kept: Uint8Array = new Uint8Array(0);
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    kept = Buffer.concat([kept, bytes.subarray(from, to)]);
    from = to;
    for (;;) {
      const { frame, rest } = takeFrame(kept, isAnswer);
      kept = rest;
      if (frame === undefined) break;
      frames.push(frame);
    }
  }
  return frames;
}

describe('frames of the loader', () => {
  test('are found whatever stands between them, and however the bytes arrive', () => {
    // Marks, escapes and text of a ROM among it; a mark alone cannot be told from the beginning of a frame.
    const noise = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 30 }),
        fc.constantFrom(
          Buffer.from('ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON_RESET)\r\n', 'latin1'),
          Buffer.from([0xc0]),
          Buffer.from([0xc0, 0xdb]),
          Buffer.from([0xdb, 0xc0, 0xc0]),
        ),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, dataOf), { maxLength: 6 }), fc.array(fc.nat()), (parts, cuts) => {
        const answers = parts.map(([, data], index) => answer(index, data));
        const bytes = Buffer.concat(
          parts.flatMap(([before], index) => [...before, slipFrame(answers[index] ?? new Uint8Array(0))]),
        );
        const found = allFrames(bytes, cuts).map((frame) => Buffer.from(frame).toString('hex'));
        // Noise may by chance be an answer, too; none that was sent is missing, and their order stays.
        let next = 0;
        for (const frame of found) if (frame === answers[next]?.toString('hex')) next += 1;
        expect(next).toBe(answers.length);
      }),
    );
  });

  test('that are damaged are dropped, and the one after them is not', () => {
    const good = slipFrame(answer(8, Buffer.from([0, 0, 0, 0])));
    const short = Buffer.from([0xc0, 0x01, 0x08, 0x09, 0x00, 0, 0, 0, 0, 1, 2, 0xc0]);
    const badEscape = Buffer.from([0xc0, 0x01, 0xdb, 0x00, 0xc0]);
    for (const bad of [short, badEscape]) {
      const { frame } = takeFrame(Buffer.concat([bad, good]), isAnswer);
      expect(frame?.[1]).toBe(8);
    }
  });

  test('keep nothing of noise that has no beginning of one', () => {
    expect(takeFrame(Buffer.alloc(5_000, 'x'), isAnswer)).toEqual({
      frame: undefined,
      rest: new Uint8Array(0),
    });
    const begun = Buffer.from([0x41, 0xc0, 0x01, 0x08]);
    expect([...takeFrame(begun, isAnswer).rest]).toEqual([0xc0, 0x01, 0x08]);
  });

  test('are content where content is awaited: the greeting and blocks of another length are not', () => {
    const block = Buffer.alloc(16, 0x01);
    const bytes = Buffer.concat([slipFrame(Buffer.alloc(15, 0x01)), slipFrame(block)]);
    const { frame } = takeFrame(bytes, (content) => content.length === 16);
    expect(frame).toHaveLength(16);
    expect(isAnswer(Buffer.from('OHAI'))).toBe(true);
    expect(isAnswer(Buffer.from('OHAY'))).toBe(false);
  });
});
