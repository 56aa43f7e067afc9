// Where a station keeps its things, and nothing else: no file is opened here.

import { homedir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly root: string;
  readonly stationFile: string;
  readonly authority: string;
  readonly inventory: string;
  readonly transcripts: string;
  readonly edge: string;
}

export function dataFolder(root: string): DataFolder {
  return {
    root,
    stationFile: join(root, 'station.json'),
    authority: join(root, 'authority'),
    inventory: join(root, 'inventory.db'),
    transcripts: join(root, 'transcripts'),
    edge: join(root, 'edge'),
  };
}

/** The platform's usual place for an application's data. */
export function defaultDataRoot(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  switch (platform) {
    case 'win32':
      return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Keyline');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Keyline');
    default:
      return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'keyline');
  }
}
