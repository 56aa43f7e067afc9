// What every host of the application decides in the same way: where practice happens, and which ports there are.

import { basename, dirname, join } from 'node:path';
import { withLinkedPorts } from '../link/serial/linkedPorts.ts';
import type { PortLister } from '../link/serial/portInfo.ts';
import { listPorts } from '../link/serial/portList.ts';

/** Beside the data folder, never in it. */
export const practiceRootFor = (dataRoot: string): string =>
  join(dirname(dataRoot), `${basename(dataRoot)}-practice`);

/** The system's ports and, where KEYLINE_PORT_LINKS names a folder, what that folder links to. */
export function portListerFor(env: NodeJS.ProcessEnv): PortLister {
  const folder = env.KEYLINE_PORT_LINKS;
  return folder === undefined || folder === '' ? listPorts : withLinkedPorts(folder, listPorts);
}
