// A product's own `factory` command, of the kind that boards' firmware has: it locks the credential store for good. After
// that the store still answers who it is and what it holds, and takes nothing any more.

import { EACCES } from '../errno.ts';
import type { Command } from '../shell/command.ts';
import type { DeviceContext } from './context.ts';

const CHANGING: ReadonlySet<string> = new Set(['buf', 'add', 'del', 'get', 'keygen', 'delete']);

export function factoryCommand(device: DeviceContext): Command {
  const { terminal, lock } = device;
  return {
    name: 'factory',
    help: 'Factory commands',
    subcommands: [
      {
        name: 'lock',
        help: 'Lock the credential store. There is no way back.',
        mandatory: 1,
        run: () => {
          if (lock.closed) {
            terminal.print('red', 'The credential store is locked already.\n');
            return EACCES;
          }
          lock.close();
          terminal.write('Credential store locked.\n');
          return 0;
        },
      },
      {
        name: 'state',
        help: 'Show whether the credential store is locked.',
        mandatory: 1,
        run: () => {
          terminal.write(`Credential store: ${lock.closed ? 'locked' : 'open'}\n`);
          return 0;
        },
      },
    ],
  };
}

/** The command, which refuses what would change or show a credential while the lock is closed. */
export function behindLock(device: DeviceContext, command: Command): Command {
  const { terminal, lock } = device;
  const guarded = (one: Command): Command => {
    const { run } = one;
    return {
      ...one,
      ...(one.subcommands === undefined ? {} : { subcommands: one.subcommands.map(guarded) }),
      ...(run === undefined
        ? {}
        : {
            run: (words) => {
              if (!lock.closed) return run(words);
              terminal.print('red', 'Refused: the credential store is locked.\n');
              return EACCES;
            },
          }),
    };
  };
  const subcommands = command.subcommands?.map((one) => (CHANGING.has(one.name) ? guarded(one) : one));
  return { ...command, ...(subcommands === undefined ? {} : { subcommands }) };
}
