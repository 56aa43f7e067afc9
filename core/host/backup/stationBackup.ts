// A backup of all that a station needs, as one file: its inventory, its authority with the encrypted keys, who it is, its bench,
// its own targets and profiles, its transcripts. Made while the station works on.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { storageErrors } from '../../disk/storageErrors.ts';
import type { Clock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
import { type Inventory, openInventory } from '../../inventory/inventory.ts';
import type { DataFolder } from '../dataFolder.ts';
import { stationFactsSchema } from '../stationFile.ts';
import { type ArchiveSource, readArchive, readFirst, writeArchive } from './archive.ts';
import { isPlainPath } from './tar.ts';

const FORMAT = 1;
const MANIFEST = 'keyline-backup.json';
const MANIFEST_MAX_BYTES = 65_536;
const FILE_NAME = /^keyline-backup-[0-9TZ-]{10,40}\.tar$/;
const DATABASE = 'inventory.db';

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  ...stationFactsSchema.pick({ stationId: true, name: true, site: true }).shape,
  madeAtMs: z.int().min(0),
  devices: z.int().min(0),
  softwareVersion: z.string().max(200),
});

export interface BackupFacts extends Readonly<Omit<z.infer<typeof manifestSchema>, 'format'>> {
  /** The file's name. */
  readonly backupId: string;
  readonly path: string;
  readonly sizeBytes: number;
}

export const backupsFolder = (folder: DataFolder): string => join(folder.root, 'backups');

/** What a write has not put in its place (core/disk), or not yet. */
const UNFINISHED = /\.(new|part|partial-[0-9a-f]+)$/;

/** What stands in a data folder and is no part of the station: what others made of it, and what only its host uses. */
const NOT_KEPT = [
  /^backups$/,
  /^exports$/,
  /^restore(\.json)?$/,
  /^replaced-/,
  /^station\.(lock|holder\.json)/,
  UNFINISHED,
];

/** The names directly in the data folder that belong to the station; its database in all its files. */
export function namesOf(root: string): readonly string[] {
  return readdirSync(root).filter((name) => !NOT_KEPT.some((pattern) => pattern.test(name)));
}

/** Newest first; files that do not begin as a backup are not listed. */
export async function listBackups(folder: DataFolder): Promise<readonly BackupFacts[]> {
  const root = backupsFolder(folder);
  const names = existsSync(root) ? readdirSync(root).filter((name) => FILE_NAME.test(name)) : [];
  const found = await Promise.all(
    names
      .sort()
      .reverse()
      .slice(0, 500)
      .map((name) => factsOf(join(root, name)).catch(() => undefined)),
  );
  return found.filter((facts) => facts !== undefined);
}

/** When the newest was made, by the names alone. */
export function newestBackupAtMs(folder: DataFolder): number | undefined {
  const root = backupsFolder(folder);
  if (!existsSync(root)) return undefined;
  const times = readdirSync(root)
    .filter((name) => FILE_NAME.test(name))
    .map((name) => statSync(join(root, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** One of the station's own backups; `backup_unknown`. */
export async function findBackup(folder: DataFolder, backupId: string): Promise<BackupFacts> {
  if (!FILE_NAME.test(backupId) || !existsSync(join(backupsFolder(folder), backupId))) {
    throw new StationError('backup_unknown', { backupId });
  }
  return factsOf(join(backupsFolder(folder), backupId));
}

/** What a backup says of itself; its content is not checked. `backup_damaged`, `backup_newer` */
export async function factsOf(path: string): Promise<BackupFacts> {
  const { name, bytes } = await readFirst(path, MANIFEST_MAX_BYTES);
  if (name !== MANIFEST) throw new StationError('backup_damaged', { path, reason: 'no-backup' });
  const content = parseJson(bytes);
  const format = z.object({ format: z.int().min(1) }).safeParse(content);
  if (format.success && format.data.format > FORMAT) {
    throw new StationError('backup_newer', { path, found: format.data.format, known: FORMAT });
  }
  const manifest = manifestSchema.safeParse(content);
  if (!manifest.success) throw new StationError('backup_damaged', { path, reason: 'no-backup' });
  const { format: _, ...facts } = manifest.data;
  const backupId = path.split(/[/\\]/).at(-1) ?? path;
  return { ...facts, backupId, path, sizeBytes: statSync(path).size };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The name of a backup that is made now. */
export const backupName = (clock: Clock): string =>
  `keyline-backup-${new Date(clock.nowMs()).toISOString().replace(/[:.]/g, '-')}.tar`;

/**
 * Makes one, in the station's folder of backups or at `path`, and records that. The database is copied first, so that every file of
 * the other kinds is at least as new. Errors: those of the disk.
 */
export async function createBackup(
  folder: DataFolder,
  inventory: Inventory,
  station: { readonly stationId: string; readonly name: string; readonly site: string },
  made: {
    readonly clock: Clock;
    readonly softwareVersion: string;
    readonly operatorName: string;
    readonly path?: string;
  },
): Promise<BackupFacts> {
  const target = made.path ?? join(backupsFolder(folder), backupName(made.clock));
  const copy = `${target}.db.part`;
  storageErrors(target, () => mkdirSync(dirname(target), { recursive: true, mode: 0o700 }));
  try {
    await inventory.backupTo(copy);
    const { stationId, name, site } = station;
    const manifest = {
      format: FORMAT,
      ...{ stationId, name, site },
      madeAtMs: made.clock.nowMs(),
      devices: inventory.counts().devices,
      softwareVersion: made.softwareVersion,
    } satisfies z.infer<typeof manifestSchema>;
    await writeArchive(target, sources(folder, manifest, copy));
  } finally {
    rmSync(copy, { force: true });
  }
  const facts = await factsOf(target);
  inventory.append({
    act: 'backup-created',
    actor: made.operatorName,
    atMs: made.clock.nowMs(),
    details: { backupId: facts.backupId, devices: facts.devices },
  });
  return facts;
}

function* sources(folder: DataFolder, manifest: object, database: string): Generator<ArchiveSource, void> {
  yield { name: MANIFEST, bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
  yield { name: DATABASE, path: database };
  for (const name of namesOf(folder.root)) if (!name.startsWith(DATABASE)) yield* below(folder.root, name);
}

function* below(root: string, name: string): Generator<ArchiveSource, void> {
  const path = join(root, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    for (const child of readdirSync(path).sort()) {
      if (!UNFINISHED.test(child)) yield* below(root, `${name}/${child}`);
    }
  } else if (found?.isFile() && isPlainPath(name)) yield { name, path };
}

/**
 * Reads a whole backup and checks it: every byte, then that its inventory opens, belongs to the station it names and has an
 * unbroken log. With `into` its files stand there afterwards, without its own description. Errors: `backup_damaged`,
 * `backup_newer`, `inventory_newer`, `audit_broken`, those of the disk.
 */
export async function checkBackup(path: string, into: string): Promise<BackupFacts> {
  const facts = await factsOf(path);
  storageErrors(into, () => {
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into, { recursive: true, mode: 0o700 });
  });
  await readArchive(path, into);
  rmSync(join(into, MANIFEST));
  for (const needed of [DATABASE, 'station.json', 'authority']) {
    if (!existsSync(join(into, needed)))
      throw new StationError('backup_damaged', { path, reason: 'incomplete' });
  }
  // For writing: one that an older version made is brought up to date here, in the copy.
  const copy = openInventory({ path: join(into, DATABASE), actor: 'station' });
  try {
    if (copy.station.stationId !== facts.stationId) {
      throw new StationError('backup_damaged', { path, reason: 'another-station' });
    }
    const verdict = copy.verifyAudit();
    if (!verdict.intact) {
      throw new StationError('audit_broken', { sequence: verdict.firstBrokenSequence, why: verdict.why });
    }
  } finally {
    copy.close();
  }
  return facts;
}
