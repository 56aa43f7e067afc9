// Files that are there completely or not at all, whatever happens to the power: written beside, forced to the disk, renamed.
// What the file system refuses becomes `disk_full`, `storage_read_only` or `storage_failed`.

import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, partialPath, removePartial, syncFolder } from './durableFolder.ts';
import { asStorageError, storageErrors } from './storageErrors.ts';

/** Readable by its owner only. */
export const PRIVATE_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/** Text that comes in pieces need not fit the memory. */
export type FileContent = string | Uint8Array | Iterable<string>;

/** Writes a file that must not exist yet and forces it to the disk; its folder still has to be synced. */
export function writeNewFile(path: string, content: FileContent, mode: number): void {
  storageErrors(path, () => {
    for (const _ of writing(path, content, { flags: 'wx', mode, isForced: true }));
  });
}

/** Puts a file in place, replacing what is there: after a power cut it is the old one or the new one. Gives its size in bytes. */
export function replaceFile(path: string, content: FileContent, mode = PUBLIC_MODE): number {
  const steps = replacing(path, content, mode);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in turns, so that whoever waits can call it off: then the file is as it was. Throws the signal's reason. */
export async function replaceFileInTurns(
  path: string,
  content: FileContent,
  mode: number,
  signal: AbortSignal,
): Promise<number> {
  const steps = replacing(path, content, mode);
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
function* replacing(path: string, content: FileContent, mode: number): Generator<void, number, undefined> {
  makeFolder(dirname(path));
  // A pipe or a terminal cannot be replaced; what goes there goes straight.
  const isReplaced = storageErrors(path, () => statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
  if (!isReplaced) {
    try {
      return yield* writing(path, content, { flags: 'w', mode, isForced: false });
    } catch (cause) {
      throw asStorageError(path, cause);
    }
  }
  removePartial(path);
  const beside = partialPath(path);
  let isInPlace = false;
  try {
    const sizeBytes = yield* writing(beside, content, { flags: 'wx', mode, isForced: true });
    renameSync(beside, path);
    isInPlace = true;
    syncFolder(dirname(path));
    return sizeBytes;
  } catch (cause) {
    throw asStorageError(path, cause);
  } finally {
    if (!isInPlace) rmSync(beside, { force: true });
  }
}

/** `isForced`: to the disk, with exactly this mode, whatever the umask says. */
function* writing(
  path: string,
  content: FileContent,
  how: { readonly flags: 'w' | 'wx'; readonly mode: number; readonly isForced: boolean },
): Generator<void, number, undefined> {
  const file = openSync(path, how.flags, how.mode);
  let sizeBytes = 0;
  try {
    if (how.isForced) fchmodSync(file, how.mode);
    for (const bytes of chunksOf(content)) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      sizeBytes += bytes.length;
      yield;
    }
    if (how.isForced) fsyncSync(file);
    return sizeBytes;
  } finally {
    closeSync(file);
  }
}

const CHUNK_LENGTH = 256 * 1024;

function* chunksOf(content: FileContent): Generator<Uint8Array, void, undefined> {
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
