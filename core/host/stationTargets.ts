// The targets of a station: those that are shipped, and its own ones in its data folder. A name of its own comes before the same
// name shipped.

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { replaceFile } from '../disk/durableFile.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { Driver } from '../link/driver.ts';
import { checkTargetFile, checkTargetText } from '../link/targetFile.ts';
import { loadTargets, type TargetStore } from '../link/targetStore.ts';
import type { DataFolder } from './dataFolder.ts';

export interface UnusableTarget {
  readonly path: string;
  /** What the target would be called: imported files bear its name. */
  readonly name: string;
  readonly reason: string;
}

export interface StationTargets extends TargetStore {
  isOwn(name: string): boolean;
  /** The station's own files that cannot be used; the station works on without them. */
  readonly unusable: readonly UnusableTarget[];
}

const ownFolder = ({ root }: DataFolder): string => join(root, 'targets');

export function stationTargets(
  shippedFolder: string,
  folder: DataFolder,
  drivers: readonly Driver[],
): StationTargets {
  const shipped = loadTargets(shippedFolder, drivers);
  const own = new Map<string, Target>();
  const unusable: UnusableTarget[] = [];
  const files = existsSync(ownFolder(folder)) ? readdirSync(ownFolder(folder)).sort() : [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const path = join(ownFolder(folder), file);
    const found = readOwn(path, drivers);
    if ('reason' in found) unusable.push({ path, name: basename(file, '.json'), reason: found.reason });
    else own.set(found.name, found);
  }
  // A damaged file must not bring back the shipped target that it was imported to replace.
  const damaged = new Map(unusable.filter(({ name }) => !own.has(name)).map((file) => [file.name, file]));
  const others = shipped.targets.filter(({ name }) => !own.has(name) && !damaged.has(name));
  const targets = [...own.values(), ...others];
  return {
    targets,
    unusable,
    isOwn: (name) => own.has(name),
    target(name) {
      const file = damaged.get(name);
      if (file !== undefined)
        throw new StationError('target_invalid', { source: file.path, reason: file.reason });
      const target = targets.find((one) => one.name === name);
      if (target !== undefined) return target;
      throw new StationError('target_unknown', { name, known: targets.map((one) => one.name).join(', ') });
    },
  };
}

function readOwn(path: string, drivers: readonly Driver[]): Target | { readonly reason: string } {
  try {
    const { target, mistakes } = checkTargetFile(path, drivers);
    if (target !== undefined) return target;
    const [{ line, field, reason } = { line: 1, field: '', reason: '' }] = mistakes;
    return { reason: `line ${line}: ${field === '' ? reason : `${field}: ${reason}`}` };
  } catch (thrown) {
    return { reason: String(asStationError(thrown).details.reason ?? 'it cannot be read') };
  }
}

/** Keeps a target's text as the station's own; one of the same name is replaced. `target_invalid`, those of the disk. */
export function keepTarget(folder: DataFolder, text: string, drivers: readonly Driver[]): Target {
  const { target, mistakes } = checkTargetText(text, drivers);
  if (target === undefined) {
    const [first] = mistakes;
    throw new StationError('target_invalid', { source: `line ${first?.line ?? 1}`, reason: first?.reason });
  }
  const path = join(ownFolder(folder), `${target.name}.json`);
  replaceFile(path, text, 0o600);
  return target;
}
