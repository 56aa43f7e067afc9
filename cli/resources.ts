// Where the shipped read-only data lies. The core never looks for it: hosts tell it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const resourcesFolder = join(import.meta.dirname, '..', 'resources');
export const profilesFolder = join(resourcesFolder, 'profiles');
export const targetsFolder = join(resourcesFolder, 'targets');
export const docsFolder = join(import.meta.dirname, '..', 'docs');
/** The built window: `npm run build:renderer` makes it. */
export const rendererFolder = join(import.meta.dirname, '..', 'dist', 'renderer');

const packageFile: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'),
);
export const softwareVersion = String(Reflect.get(Object(packageFile), 'version'));
