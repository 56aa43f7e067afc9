// Frames of the loader's protocol among everything else that may stand on the line: boot logs, ROM banners, noise. SLIP marks
// only where a frame ends (RFC 1055), so what stands between two marks is judged by what it holds.

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;
const RESPONSE = 0x01;
const HEAD_BYTES = 8;
/** What the stub says when it has started. */
const GREETING = 'OHAI';

export interface Taken {
  readonly frame: Uint8Array | undefined;
  /** What is kept for later: the beginning of a frame, or what follows the one that was taken. */
  readonly rest: Uint8Array;
}

/** The first frame that `accepts` lets pass. What cannot be part of one any more is dropped. */
export function takeFrame(received: Uint8Array, accepts: (content: Uint8Array) => boolean): Taken {
  let rest = received;
  for (;;) {
    const start = rest.indexOf(END);
    if (start < 0) return { frame: undefined, rest: new Uint8Array(0) };
    const end = rest.indexOf(END, start + 1);
    if (end < 0) return { frame: undefined, rest: rest.subarray(start) };
    const content = unescaped(rest.subarray(start + 1, end));
    if (content !== undefined && accepts(content)) return { frame: content, rest: rest.subarray(end + 1) };
    // Noise before a frame: the mark that ended it begins the next one.
    rest = rest.subarray(end);
  }
}

/** A response whose own length fits, or the stub's greeting. */
export function isAnswer(content: Uint8Array): boolean {
  if (content[0] === RESPONSE && content.length > HEAD_BYTES) {
    return ((content[2] ?? 0) | ((content[3] ?? 0) << 8)) === content.length - HEAD_BYTES;
  }
  return Buffer.from(content).toString('latin1') === GREETING;
}

function unescaped(content: Uint8Array): Uint8Array | undefined {
  if (!content.includes(ESCAPE)) return Uint8Array.from(content);
  const plain: number[] = [];
  for (let index = 0; index < content.length; index += 1) {
    const byte = content[index] ?? 0;
    if (byte !== ESCAPE) {
      plain.push(byte);
      continue;
    }
    index += 1;
    if (content[index] === ESCAPED_END) plain.push(END);
    else if (content[index] === ESCAPED_ESCAPE) plain.push(ESCAPE);
    else return undefined;
  }
  return Uint8Array.from(plain);
}
