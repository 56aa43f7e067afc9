// Everything the use cases are given by a host. They construct none of it.

import type { Clock, Random } from '../../domain/clock.ts';
import type { AuthorityPort } from './authority.ts';
import type { EdgePort } from './edge.ts';
import type { InventoryPort } from './inventory.ts';
import type { KeyMaker } from './keys.ts';
import type { LinkPort } from './link.ts';
import type { PasswordMaker } from './passwords.ts';
import type { TranscriptPort } from './transcripts.ts';

export interface StationPorts {
  readonly authority: AuthorityPort;
  readonly inventory: InventoryPort;
  readonly link: LinkPort;
  readonly keys: KeyMaker;
  readonly passwords: PasswordMaker;
  readonly edge: EdgePort;
  readonly transcripts: TranscriptPort;
  readonly clock: Clock;
  readonly random: Random;
}
