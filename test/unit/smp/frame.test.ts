import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, encodeFrames, FrameReader } from '../../../core/link/smp/frame.ts';

const linesOf = (bytes: Uint8Array): Buffer[] =>
  Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'latin1'));

describe('SMP frames', () => {
  it('knows the checksum of CRC-16/XMODEM', () => {
    // The check value of the catalogue of CRCs.
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3);
  });

  it('are lines of at most 127 bytes that give the packet back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 900 }), (packet) => {
        const lines = linesOf(encodeFrames(packet));
        const reader = new FrameReader();
        const found = lines.map((line) => reader.take(line));
        expect(lines.every((line) => line.length + 1 <= 127)).toBe(true);
        expect(lines.map((line) => line.readUInt16BE(0))).toEqual(
          lines.map((_, i) => (i === 0 ? 0x0609 : 0x0414)),
        );
        expect(found.slice(0, -1).every((part) => part === undefined)).toBe(true);
        expect(found.at(-1)).toEqual(packet);
      }),
    );
  });

  it('are found among log lines, and dropped when damaged', () => {
    const packet = new Uint8Array(200).fill(7);
    const lines = linesOf(encodeFrames(packet));
    const reader = new FrameReader();
    const noisy = lines.flatMap((line) => [Buffer.from('[00:01] <inf> app: tick\r'), line]);
    expect(noisy.map((line) => reader.take(line)).at(-1)).toEqual(packet);
    const broken = lines.map((line, index) =>
      index === 1 ? Buffer.from(line.toString('latin1').replace('B', 'C'), 'latin1') : line,
    );
    expect(broken.map((line) => reader.take(line)).every((found) => found === undefined)).toBe(true);
    expect(reader.take(Buffer.from('\x04\x14AAAA', 'latin1'))).toBeUndefined();
  });

  it('hold up to noise', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 130 })), (lines) => {
        const reader = new FrameReader();
        for (const line of lines)
          expect(reader.take(Buffer.concat([Buffer.from([6, 9]), line]))?.length ?? 0).toBeLessThan(0x2001);
      }),
    );
  });
});
