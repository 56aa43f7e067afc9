// A site's own profiles and targets: copies of the shipped ones with a change.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profilesFolder, targetsFolder } from '../../cli/resources.ts';

/** Copies the shipped profiles and merges `change` into the one of that file. */
export function changedProfiles(folder: string, file: string, change: object): string {
  return changed(profilesFolder, folder, file, change);
}

/** Copies the shipped targets; the change may be of one level below the top, as in `timeouts`. */
export function changedTargets(folder: string, file: string, change: object): string {
  return changed(targetsFolder, folder, file, change);
}

function changed(from: string, folder: string, file: string, change: object): string {
  mkdirSync(folder, { recursive: true });
  cpSync(from, folder, { recursive: true });
  const path = join(folder, file);
  const shipped = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...shipped, ...change }));
  return folder;
}
