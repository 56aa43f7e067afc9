// Where the shipped read-only data lies. The core never looks for it: hosts tell it.

import { join } from 'node:path';

export const resourcesFolder = join(import.meta.dirname, '..', 'resources');
export const profilesFolder = join(resourcesFolder, 'profiles');
export const targetsFolder = join(resourcesFolder, 'targets');
