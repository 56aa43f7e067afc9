// How a board answers as a whole: as it should, or as one of the things that turn up at a bench.

import type { Faults } from './options.ts';

export type BoardMode = 'shell' | 'silent' | 'babble' | 'other-protocol';

/** The mode that these faults mean. */
export function modeOf(faults: Faults): BoardMode {
  if (faults.babble) return 'babble';
  if (faults.silent) return 'silent';
  return faults.otherProtocol ? 'other-protocol' : 'shell';
}
