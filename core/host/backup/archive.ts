// One file that holds many, with a SHA-256 of each at its end (`tar xf` and `sha256sum -c SHA256SUMS` check it by hand). Any byte
// that is changed, missing or too many is noticed on reading.

import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../disk/durableFolder.ts';
import { StationError } from '../../domain/stationError.ts';
import { databaseError } from '../../inventory/database/databaseError.ts';
import { BLOCK_BYTES, paddingAfter, readTarHeader, type TarEntry, tarHeader } from './tar.ts';

const SUMS = 'SHA256SUMS';
const SUMS_MAX_BYTES = 64_000_000;
const UNSYNCED = 'transcripts/';
const PIECE_BYTES = 1_048_576;
/** Two empty blocks end a tar file. */
const END_BYTES = 2 * BLOCK_BYTES;

export type ArchiveSource =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly path: string };

const damaged = (path: string, reason: string): StationError =>
  new StationError('backup_damaged', { path, reason });

/** Writes the file beside its place, syncs it and gives it its name. Errors: those of the disk. */
export async function writeArchive(path: string, sources: Iterable<ArchiveSource>): Promise<void> {
  const partial = `${path}.part`;
  try {
    const file = await open(partial, 'w', 0o600);
    try {
      const sums: string[] = [];
      for (const source of sources) {
        const sum = await add(file, source);
        if (sum !== undefined) sums.push(`${sum}  ${source.name}\n`);
      }
      await add(file, { name: SUMS, bytes: Buffer.from(sums.join('')) });
      await file.write(new Uint8Array(END_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    syncFolder(dirname(path));
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw databaseError(thrown, path);
  }
}

/** The SHA-256 of what was added; undefined for a file that is gone meanwhile. */
async function add(file: FileHandle, source: ArchiveSource): Promise<string | undefined> {
  const hash = createHash('sha256');
  const begin = async (sizeBytes: number): Promise<void> => {
    const header = tarHeader({ name: source.name, sizeBytes });
    if (header === undefined) throw new StationError('storage_failed', { path: source.name, reason: 'name' });
    await file.write(header);
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    await file.write(bytes);
  };
  let sizeBytes: number;
  if ('bytes' in source) {
    sizeBytes = source.bytes.length;
    await begin(sizeBytes);
    await write(source.bytes);
  } else {
    const input = await open(source.path, 'r').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return undefined;
      throw thrown;
    });
    if (input === undefined) return undefined;
    try {
      // A transcript may grow while it is read: what it is now is what is kept.
      sizeBytes = (await input.stat()).size;
      await begin(sizeBytes);
      for await (const piece of pieces(input, 0, sizeBytes)) await write(piece);
    } finally {
      await input.close();
    }
  }
  await file.write(new Uint8Array(paddingAfter(sizeBytes)));
  return hash.digest('hex');
}

async function* pieces(file: FileHandle, from: number, sizeBytes: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < sizeBytes; ) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from + at);
    if (bytesRead === 0) throw new StationError('backup_damaged', { reason: 'short' });
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The first file of an archive, by itself: nothing else is read or checked. `backup_damaged` */
export async function readFirst(
  path: string,
  maxBytes: number,
): Promise<{ name: string; bytes: Uint8Array }> {
  return withFile(path, async (file) => {
    const entry = readTarHeader(await exactly(file, path, 0, BLOCK_BYTES));
    if (entry === undefined || entry.sizeBytes > maxBytes) throw damaged(path, 'no-backup');
    return { name: entry.name, bytes: await exactly(file, path, BLOCK_BYTES, entry.sizeBytes) };
  });
}

/**
 * Reads all of an archive and checks every byte of it; with `into`, the files are written there too, synced. What was written
 * before an error stays for the caller to remove. Errors: `backup_damaged`, those of the disk.
 */
export async function readArchive(path: string, into?: string): Promise<readonly TarEntry[]> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    const sums = new Map<string, string>();
    const entries: TarEntry[] = [];
    for (let at = 0; ; ) {
      const entry = readTarHeader(await exactly(file, path, at, BLOCK_BYTES));
      if (entry === undefined) throw damaged(path, 'header');
      at += BLOCK_BYTES;
      const padding = paddingAfter(entry.sizeBytes);
      if (at + entry.sizeBytes + padding + END_BYTES > size) throw damaged(path, 'short');
      const isEnd = entry.name === SUMS;
      if (isEnd && entry.sizeBytes > SUMS_MAX_BYTES) throw damaged(path, 'sums');
      if (sums.has(entry.name)) throw damaged(path, 'twice');
      const end = at + entry.sizeBytes;
      if (isEnd) {
        const listed = Buffer.from(await exactly(file, path, at, entry.sizeBytes)).toString('utf8');
        if (listed !== [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(''))
          throw damaged(path, 'sums');
        await zeros(file, path, end, padding + END_BYTES);
        if (size !== end + padding + END_BYTES) throw damaged(path, 'long');
        if (into !== undefined) syncFolder(into);
        return entries;
      }
      sums.set(entry.name, await copy(file, at, entry, into));
      entries.push(entry);
      await zeros(file, path, end, padding);
      at = end + padding;
    }
  });
}

async function copy(
  file: FileHandle,
  at: number,
  entry: TarEntry,
  into: string | undefined,
): Promise<string> {
  const hash: Hash = createHash('sha256');
  const target = into === undefined ? undefined : join(into, entry.name);
  if (target === undefined) {
    for await (const piece of pieces(file, at, entry.sizeBytes)) hash.update(piece);
    return hash.digest('hex');
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const output = await open(target, 'wx', 0o600);
  try {
    for await (const piece of pieces(file, at, entry.sizeBytes)) {
      hash.update(piece);
      await output.write(piece);
    }
    // Transcripts are many, and nothing depends on them.
    if (!entry.name.startsWith(UNSYNCED)) await output.sync();
  } finally {
    await output.close();
  }
  return hash.digest('hex');
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    const file = await open(path, 'r');
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof StationError && thrown.details.path === undefined) {
      throw new StationError(thrown.code, { ...thrown.details, path });
    }
    throw databaseError(thrown, path);
  }
}

async function exactly(file: FileHandle, path: string, at: number, sizeBytes: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  if (at + sizeBytes > size) throw damaged(path, 'short');
  const read: Uint8Array[] = [];
  for await (const piece of pieces(file, at, sizeBytes)) read.push(piece);
  return Buffer.concat(read);
}

async function zeros(file: FileHandle, path: string, at: number, sizeBytes: number): Promise<void> {
  const bytes = await exactly(file, path, at, sizeBytes);
  if (bytes.some((byte) => byte !== 0)) throw damaged(path, 'padding');
}
