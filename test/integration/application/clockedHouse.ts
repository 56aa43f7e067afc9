// A founded station for each test of a file, with a clock that the test turns.

import { afterEach, beforeEach } from 'vitest';
import { finish, found, type Opened, openApplication, openFolder, PASSPHRASE, SUPERVISOR } from './house.ts';

export const DAY_MS = 86_400_000;

type More = Parameters<typeof openApplication>[2];

class ClockedHouse {
  nowMs = Date.now();
  readonly folder = openFolder();
  #opened: Opened;

  constructor(more: More) {
    this.#opened = this.#open(more);
  }

  get opened(): Opened {
    return this.#opened;
  }

  /** As after a restart; the one before was closed. */
  reopen(): void {
    this.#opened = this.#open({});
  }

  #open(more: More): Opened {
    return openApplication(this.folder.root, undefined, { clock: { nowMs: () => this.nowMs }, ...more });
  }
}

/** The house of the test that runs, and what one asks it for again and again. */
export function clockedHouses() {
  let current: ClockedHouse | undefined;
  const house = (): ClockedHouse => {
    if (current === undefined) throw new Error('a house stands while a test runs');
    return current;
  };
  const call: Opened['client']['call'] = (...args) => house().opened.client.call(...args);
  beforeEach(async () => {
    current = new ClockedHouse({ lockCheckMs: 20 });
    await found(current.opened);
  });
  afterEach(() => finish(house().opened, house().folder));
  return {
    house,
    call,
    signIn: () => call('session.signIn', { kind: 'pin', ...SUPERVISOR }),
    unlock: (passphrase = PASSPHRASE, lockAfterMinutes = 480) =>
      call('authority.unlock', { passphrase, lockAfterMinutes }),
    authority: () => call('authority.get', {}),
    acts: async () => (await call('audit.page', { offset: 0, limit: 100 })).entries.map(({ act }) => act),
  };
}
