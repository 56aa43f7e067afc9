// Profiles and targets by name: the shipped ones unless the site has its own.

import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import type { Profile } from '../../core/domain/profile.ts';
import type { Target } from '../../core/domain/target.ts';
import { drivers } from '../../core/host/drivers.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { profilesFolder, targetsFolder } from '../resources.ts';

/** Throws `profile_unknown` or `target_unknown` with the known names. */
export const catalogue = (
  names: { readonly target: string; readonly profile: string },
  folders = { profilesFolder, targetsFolder },
): { target: Target; profile: Profile } => ({
  target: loadTargets(folders.targetsFolder, drivers).target(names.target),
  profile: profileNamed(loadProfiles(folders.profilesFolder), names.profile),
});
