// A file that is either the old one or the new one, also after a power cut: written beside, synced, renamed.

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Gives the size in bytes. Text that comes in pieces need not fit the memory. */
export function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<string>,
  mode = 0o644,
): number {
  const steps = writing(path, content, mode);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in turns, so that whoever waits can call it off: then the file is as it was. Throws the signal's reason. */
export async function writeFileInTurns(
  path: string,
  content: Iterable<string>,
  mode: number,
  signal: AbortSignal,
): Promise<number> {
  const steps = writing(path, content, mode);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) {
      steps.return(0);
      signal.throwIfAborted();
    }
  }
}

/** Yields after each chunk; gives the size. Ended early or by a failure, it leaves nothing. */
function* writing(
  path: string,
  content: string | Uint8Array | Iterable<string>,
  mode: number,
): Generator<void, number, undefined> {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A pipe or a terminal cannot be replaced; what goes there goes straight.
  const isReplaced = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  const temporary = isReplaced ? `${path}.new` : path;
  const file = openSync(temporary, 'w', mode);
  let sizeBytes = 0;
  let isWhole = false;
  try {
    // One that a power cut left has its own permissions, and what comes now may be secret.
    if (isReplaced) fchmodSync(file, mode);
    for (const bytes of chunksOf(content)) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      sizeBytes += bytes.length;
      yield;
    }
    if (isReplaced) fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    if (isReplaced && !isWhole) rmSync(temporary, { force: true });
  }
  if (!isReplaced) return sizeBytes;
  renameSync(temporary, path);
  syncFolder(folder);
  return sizeBytes;
}

const CHUNK_LENGTH = 256 * 1024;

function* chunksOf(content: string | Uint8Array | Iterable<string>): Generator<Uint8Array, void, undefined> {
  if (content instanceof Uint8Array) return yield content;
  if (typeof content === 'string') return yield Buffer.from(content);
  let pieces: string[] = [];
  let length = 0;
  for (const piece of content) {
    pieces.push(piece);
    length += piece.length;
    if (length < CHUNK_LENGTH) continue;
    yield Buffer.from(pieces.join(''));
    pieces = [];
    length = 0;
  }
  yield Buffer.from(pieces.join(''));
}

/** Makes the names in it durable. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a directory cannot be opened there; NTFS journals the rename
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
