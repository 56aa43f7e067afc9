// Profiles and targets by name: the shipped ones unless the site has its own. A target may also be a file.

import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import type { Profile } from '../../core/domain/profile.ts';
import type { Target } from '../../core/domain/target.ts';
import { drivers } from '../../core/host/drivers.ts';
import { isTargetPath, readTargetFile } from '../../core/link/targetFile.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { profilesFolder, targetsFolder } from '../resources.ts';

/** Throws `profile_unknown` or `target_unknown` with the known names. */
export const catalogue = (
  names: { readonly target: string; readonly profile: string },
  folders = { profilesFolder, targetsFolder },
): { target: Target; profile: Profile } => ({
  target: findTarget(names.target, folders.targetsFolder),
  profile: profileNamed(loadProfiles(folders.profilesFolder), names.profile),
});

/** A target by its name, or read from a file: `./board.json`. Throws `target_unknown` or `target_invalid`. */
export const findTarget = (nameOrPath: string, folder: string): Target =>
  isTargetPath(nameOrPath)
    ? readTargetFile(nameOrPath, drivers)
    : loadTargets(folder, drivers).target(nameOrPath);
