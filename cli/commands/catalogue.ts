// Profiles and targets by name: the shipped ones unless the site has its own. A target may also be a file, or one of the
// station's own.

import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import type { Profile } from '../../core/domain/profile.ts';
import type { Target } from '../../core/domain/target.ts';
import { drivers } from '../../core/host/drivers.ts';
import { type StationTargets, stationTargets } from '../../core/host/stationTargets.ts';
import { isTargetPath, readTargetFile } from '../../core/link/targetFile.ts';
import type { CommandContext } from '../context.ts';

type TargetContext = Pick<CommandContext, 'output' | 'folder' | 'targetsFolder'>;

/** Throws `profile_unknown` or `target_unknown` with the known names. */
export const catalogue = (
  names: { readonly target: string; readonly profile: string },
  context: TargetContext & Pick<CommandContext, 'profilesFolder'>,
): { target: Target; profile: Profile } => ({
  target: findTarget(names.target, context),
  profile: profileNamed(loadProfiles(context.profilesFolder), names.profile),
});

/** `profile_unknown` for a name that a CA is to sign for, where one is given. */
export function refuseUnknownProfile(
  { profilesFolder }: Pick<CommandContext, 'profilesFolder'>,
  name: string | undefined,
): void {
  if (name !== undefined) profileNamed(loadProfiles(profilesFolder), name);
}

/** A target by its name, or read from a file: `./board.json`. Throws `target_unknown` or `target_invalid`. */
export const findTarget = (nameOrPath: string, context: TargetContext): Target =>
  isTargetPath(nameOrPath) ? readTargetFile(nameOrPath, drivers) : openTargets(context).target(nameOrPath);

/** The station's own targets and the shipped ones; names the own files that cannot be used. */
export function openTargets({ output, folder, targetsFolder }: TargetContext): StationTargets {
  const targets = stationTargets(targetsFolder, folder, drivers);
  for (const file of targets.unusable) {
    output.result(
      'target-unusable',
      file,
      `${output.paint('yellow', '!')} The station’s own target ${file.path} cannot be used: ${file.reason}.\n  Correct it, or import it again in the window; “keyline target check” shows every mistake.`,
    );
  }
  return targets;
}
