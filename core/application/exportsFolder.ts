// Where the station writes what is handed to somebody: a folder of its own for each time, in the data folder.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenFiles } from '../contract/schemas/common.ts';
import type { House } from './house.ts';

export const exportsFolder = (house: House): string => join(house.folder.root, 'exports');

/** A time as a part of a file name. */
export const stampOf = (atMs: number): string => new Date(atMs).toISOString().replace(/[:.]/g, '-');

/** For files of one kind, made at `atMs`; nothing is created yet. */
export const newExportFolder = (house: House, kind: string, atMs: number): string =>
  join(exportsFolder(house), `${kind.replace(/[^A-Za-z0-9._-]+/g, '_')}-${stampOf(atMs)}`);

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** What was written, with sizes and digests for whoever carries it on. */
export async function describeFiles(folder: string, paths: readonly string[]): Promise<WrittenFiles> {
  const files: WrittenFiles['files'][number][] = [];
  for (const path of paths) {
    const { size } = await stat(path);
    files.push({ path, sizeBytes: size, sha256: await sha256OfFile(path) });
  }
  return { folder, files };
}
