// The targets of a station: those that are shipped, and its own ones in its data folder. A name of its own comes before the same
// name shipped.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { Driver } from '../link/driver.ts';
import { checkTargetFile, checkTargetText } from '../link/targetFile.ts';
import { loadTargets, type TargetStore } from '../link/targetStore.ts';
import { writeFileAtomically } from './atomicFile.ts';
import type { DataFolder } from './dataFolder.ts';
import { storageErrors } from './storageErrors.ts';

export interface StationTargets extends TargetStore {
  isOwn(name: string): boolean;
  /** The station's own files that cannot be used, by their names; the station works on without them. */
  readonly unusable: readonly string[];
}

const ownFolder = ({ root }: DataFolder): string => join(root, 'targets');

export function stationTargets(
  shippedFolder: string,
  folder: DataFolder,
  drivers: readonly Driver[],
): StationTargets {
  const shipped = loadTargets(shippedFolder, drivers);
  const own = new Map<string, Target>();
  const unusable: string[] = [];
  const files = existsSync(ownFolder(folder)) ? readdirSync(ownFolder(folder)).sort() : [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const target = usable(join(ownFolder(folder), file), drivers);
    if (target === undefined) unusable.push(file);
    else own.set(target.name, target);
  }
  const targets = [...own.values(), ...shipped.targets.filter(({ name }) => !own.has(name))];
  return {
    targets,
    unusable,
    isOwn: (name) => own.has(name),
    target: (name) => own.get(name) ?? shipped.target(name),
  };
}

function usable(path: string, drivers: readonly Driver[]): Target | undefined {
  try {
    return checkTargetFile(path, drivers).target;
  } catch {
    return undefined;
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
  storageErrors(path, () => writeFileAtomically(path, text, 0o600));
  return target;
}
