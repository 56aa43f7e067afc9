// SMP over a console UART (Zephyr doc, smp_transport): packets in base64 lines of at most 127 bytes, a length in front and
// a CRC behind, so that logs and a shell can share the line.

import { base64 } from '../../der/pemBytes.ts';

const FIRST = Buffer.from([0x06, 0x09]);
const NEXT = Buffer.from([0x04, 0x14]);
const NEWLINE = 0x0a;
const FRAME_MAX_BYTES = 127;
/** Base64 characters that fit a frame, in whole groups of four. */
const BODY_MAX_CHARACTERS = Math.floor((FRAME_MAX_BYTES - 3) / 4) * 4;
const PACKET_MAX_BYTES = 0x2000;

/** CRC-16 with polynomial 0x1021, start 0, not reflected (CRC-16/XMODEM). */
export function crc16(bytes: Uint8Array): number {
  let register = 0;
  for (const byte of bytes) {
    register ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      register = ((register << 1) ^ (register & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return register;
}

/** The lines that carry `packet`; the caller wipes them. */
export function encodeFrames(packet: Uint8Array): Buffer {
  const whole = Buffer.alloc(packet.length + 4);
  whole.writeUInt16BE(packet.length + 2, 0);
  whole.set(packet, 2);
  whole.writeUInt16BE(crc16(packet), packet.length + 2);
  // Bytes to bytes: the packet may hold a piece of a key, and a string cannot be wiped.
  const text = base64(whole);
  whole.fill(0);
  const lines = Math.ceil(text.length / BODY_MAX_CHARACTERS);
  const frames = Buffer.alloc(text.length + lines * (FIRST.length + 1));
  let offset = 0;
  for (let start = 0; start < text.length; start += BODY_MAX_CHARACTERS) {
    const body = text.subarray(start, start + BODY_MAX_CHARACTERS);
    frames.set(start === 0 ? FIRST : NEXT, offset);
    frames.set(body, offset + FIRST.length);
    offset += FIRST.length + body.length;
    frames[offset] = NEWLINE;
    offset += 1;
  }
  text.fill(0);
  return frames;
}

/** Puts packets together from lines; whatever is no frame, or does not check, is dropped. */
export class FrameReader {
  #body: Buffer | undefined;

  /** One line without its end; a packet when it is complete. */
  take(line: Uint8Array): Uint8Array | undefined {
    const bytes = Buffer.from(line);
    const first = bytes.indexOf(FIRST);
    // A log line may stand before the frame on the same row.
    if (first >= 0) this.#body = decode(bytes.subarray(first + 2));
    else if (bytes.subarray(0, 2).equals(NEXT) && this.#body !== undefined) {
      this.#body = Buffer.concat([this.#body, decode(bytes.subarray(2))]);
    } else return undefined;
    return this.#finish(this.#body);
  }

  #finish(body: Buffer): Uint8Array | undefined {
    if (body.length < 2) return undefined;
    const size = body.readUInt16BE(0);
    if (size < 2 || size > PACKET_MAX_BYTES || body.length > size + 2) {
      this.#body = undefined;
      return undefined;
    }
    if (body.length < size + 2) return undefined;
    this.#body = undefined;
    const packet = body.subarray(2, size);
    return crc16(packet) === body.readUInt16BE(size) ? Uint8Array.from(packet) : undefined;
  }
}

const decode = (text: Buffer): Buffer => Buffer.from(text.toString('latin1').trim(), 'base64');
