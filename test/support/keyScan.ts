// Looks for a private key in every file below a folder, in every form it could have been written in.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const RAW_WINDOW_BYTES = 8;
const BASE64_WINDOW_BYTES = 12;

/**
 * Pieces of a key's scalar, each long enough never to occur by chance. They overlap, so that any 20 bytes in a row are found:
 * as they are (a DER encoding holds them so), as hexadecimal, and as base64 at every alignment, also cut into lines.
 */
function traces(scalar: Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(scalar);
  const pieces: Buffer[] = [];
  for (let at = 0; at + RAW_WINDOW_BYTES <= bytes.length; at += RAW_WINDOW_BYTES / 2) {
    const piece = bytes.subarray(at, at + RAW_WINDOW_BYTES);
    pieces.push(piece, Buffer.from(piece.toString('hex')), Buffer.from(piece.toString('hex').toUpperCase()));
  }
  // Every offset stands for one of the three alignments.
  for (let at = 0; at + BASE64_WINDOW_BYTES <= bytes.length; at += 1) {
    const text = bytes.subarray(at, at + BASE64_WINDOW_BYTES).toString('base64');
    pieces.push(Buffer.from(text), Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_')));
  }
  return pieces;
}

/** The bytes of a file, and the same without what may cut an encoded key into pieces: white space, and its escapes. */
function readings(path: string): readonly Buffer[] {
  const bytes = readFileSync(path);
  const joined = bytes.toString('latin1').replace(/\s+|\\[rn]|\\x0[ad]/g, '');
  return [bytes, Buffer.from(joined, 'latin1')];
}

export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The files below `folder` that hold a trace of one of the keys. */
export function filesWithKey(folder: string, scalars: readonly Uint8Array[]): readonly string[] {
  const pieces = scalars.flatMap(traces);
  return filesBelow(folder).filter((path) =>
    readings(path).some((bytes) => pieces.some((piece) => bytes.includes(piece))),
  );
}
