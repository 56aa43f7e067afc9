// What issuing without a bay needs, from the open house.

import { StationKeyMaker } from '../authority/keys.ts';
import { profileNamed } from '../authority/profileStore.ts';
import { StationError } from '../domain/stationError.ts';
import type { IssuingParts } from '../host/openIssuing.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { houseOf, type Workshop, type World } from './world.ts';

/** Works while locked; what needs a key then throws `authority_locked`. */
export function issuingParts(world: World): IssuingParts {
  const { facts, inventory, authority } = houseOf(world);
  return {
    ...{ facts, inventory, authority, clock: world.clock },
    keys: new StationKeyMaker(),
    random: systemRandom,
    profile(name) {
      const profile = profileNamed(world.profiles, name);
      authority.checkProfile(profile);
      return profile;
    },
  };
}

/** The workshop, if it is open and stays open; `authority_locked`. */
export function openWorkshop(world: World): Workshop {
  const { workshop } = world;
  if (workshop === undefined || workshop.closing) throw new StationError('authority_locked');
  return workshop;
}
