import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScanDetector } from '../../../renderer/scanner/scanDetector.ts';

/** Types `text` with this pause between keys, then `end`; gives what the last key was judged. */
function type(text: string, gapMs: number, end = 'Enter', detector = createScanDetector(), fromMs = 1_000) {
  let atMs = fromMs;
  for (const key of text) {
    detector.feed(key, atMs);
    atMs += gapMs;
  }
  return detector.feed(end, atMs);
}

describe('the scan detector', () => {
  it('takes fast characters that end in Enter or Tab for a scan', () => {
    expect(type('KL7-2700001', 5)).toEqual({ kind: 'scan', text: 'KL7-2700001' });
    expect(type('KL7-2700001', 50, 'Tab')).toEqual({ kind: 'scan', text: 'KL7-2700001' });
  });

  it('takes a person for a person', () => {
    expect(type('KL7-2700001', 51)).toEqual({ kind: 'key' });
    expect(type('KL7-2700001', 140)).toEqual({ kind: 'key' });
  });

  it('takes nothing short for a scan: people roll over two or three keys', () => {
    expect(type('abc', 5)).toEqual({ kind: 'key' });
    expect(type('', 5)).toEqual({ kind: 'key' });
  });

  it('waits for the end: fast characters followed by a late Enter are no scan', () => {
    const detector = createScanDetector();
    type('ABCDEF', 5, 'X', detector, 0);
    expect(detector.feed('Enter', 5_000)).toEqual({ kind: 'key' });
  });

  it('leaves out what was typed before the scan', () => {
    const detector = createScanDetector();
    type('hello', 200, 'o', detector, 0);
    expect(type('KL7-0001', 4, 'Enter', detector, 9_000)).toEqual({ kind: 'scan', text: 'KL7-0001' });
  });

  it('is not broken by Shift between capitals, but by any other key that types nothing', () => {
    const detector = createScanDetector();
    for (const [index, key] of ['Shift', 'A', 'Shift', 'B', '1', '2'].entries())
      detector.feed(key, index * 3);
    expect(detector.feed('Enter', 20)).toEqual({ kind: 'scan', text: 'AB12' });
    for (const [index, key] of ['A', 'B', 'ArrowLeft', 'C'].entries()) detector.feed(key, 100 + index * 3);
    expect(detector.feed('Enter', 113)).toEqual({ kind: 'key' });
  });

  it('says from the second fast character on that it may be a scan', () => {
    const detector = createScanDetector();
    expect(detector.feed('A', 0)).toEqual({ kind: 'key' });
    expect(detector.feed(' ', 3)).toEqual({ kind: 'burst', length: 2 });
    expect(detector.feed('B', 200)).toEqual({ kind: 'key' });
  });

  it('forgets on reset', () => {
    const detector = createScanDetector();
    for (const key of 'ABCD') detector.feed(key, 0);
    detector.reset();
    expect(detector.feed('Enter', 1)).toEqual({ kind: 'key' });
  });

  it('gives back any scan of printable text, and two in a row as two', () => {
    const text = fc.string({ minLength: 4, maxLength: 128 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 50 }), (first, second, gapMs) => {
        const detector = createScanDetector();
        expect(type(first, gapMs, 'Enter', detector, 0)).toEqual({ kind: 'scan', text: first });
        expect(type(second, gapMs, 'Enter', detector, 100_000)).toEqual({ kind: 'scan', text: second });
      }),
    );
  });
});
