// The command tree, its help and what its exit status means.

import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type CommanderError } from 'commander';
import { EXIT } from './exitCodes.ts';

const AFTER_HELP = `
A first device:
  $ keyline init --site "Plant 7"
  $ keyline ports
  $ keyline provision --port /dev/ttyUSB0 --serial SN-0001

Without hardware:
  $ keyline simulate --count 2

Exit status:
  0   everything passed
  1   at least one device did not pass
  2   refused: something in the request has to change
  3   this computer is in the way: disk, port, database, another Keyline
  130 interrupted

Environment:
  KEYLINE_DATA        data folder, like --data
  KEYLINE_OPERATOR    who is answerable for the runs, like --operator
  KEYLINE_PASSPHRASE  the authority's passphrase
  NO_COLOR            no colours
`;

/**
 * Each command with its file, in the order of the help. A file is loaded only when its command may be meant: a start should
 * not wait for all the others.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.ts')).initCommand(),
  ports: async () => (await import('./commands/ports.ts')).portsCommand(),
  provision: async () => (await import('./commands/provision.ts')).provisionCommand(),
  order: async () => (await import('./commands/order.ts')).orderCommand(),
  run: async () => (await import('./commands/run.ts')).runCommand(),
  inventory: async () => (await import('./commands/inventory.ts')).inventoryCommand(),
  renew: async () => (await import('./commands/renew.ts')).renewCommand(),
  replace: async () => (await import('./commands/renew.ts')).replaceCommand(),
  revoke: async () => (await import('./commands/revoke.ts')).revokeCommand(),
  batch: async () => (await import('./commands/batch.ts')).batchCommand(),
  manifest: async () => (await import('./commands/manifest.ts')).manifestCommand(),
  ceremony: async () => (await import('./commands/ceremony.ts')).ceremonyCommand(),
  authority: async () => (await import('./commands/authority.ts')).authorityCommand(),
  profile: async () => (await import('./commands/profile.ts')).profileCommand(),
  issue: async () => (await import('./commands/issue.ts')).issueCommand(),
  crl: async () => (await import('./commands/crl.ts')).crlCommand(),
  trust: async () => (await import('./commands/trust.ts')).trustCommand(),
  password: async () => (await import('./commands/password.ts')).passwordCommand(),
  audit: async () => (await import('./commands/audit.ts')).auditCommand(),
  backup: async () => (await import('./commands/backup.ts')).backupCommand(),
  edge: async () => (await import('./commands/edge.ts')).edgeCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  target: async () => (await import('./commands/target.ts')).targetCommand(),
  transcript: async () => (await import('./commands/transcript.ts')).transcriptCommand(),
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
};

const isHelp = (word: string): boolean => ['help', '--help', '-h'].includes(word);

/** The commands that the words may mean: those they name; all for the program's own help or a word that names none. */
function meant(args: readonly string[]): readonly (() => Promise<Command>)[] {
  const named = Object.keys(COMMANDS).filter((name) => args.includes(name));
  const first = args.find((word) => isHelp(word) || word === '--version' || named.includes(word));
  if (first === '--version') return [];
  const isOwnHelp = first === undefined || isHelp(first);
  return Object.entries(COMMANDS).flatMap(([name, load]) =>
    isOwnHelp || named.includes(name) ? [load] : [],
  );
}

/** The whole command tree, or as much of it as `args`, the words after `keyline`, can mean. */
export async function createProgram(args: readonly string[] = []): Promise<Command> {
  const program = new Command('keyline')
    .description(
      'Gives hardware its identity: keys, client certificates, proof by mutual TLS, and a record of it all.',
    )
    .version(packageVersion(), '--version', 'print the version')
    .option('--data <folder>', 'the station’s data folder')
    .option('--json', 'one JSON object per line, for machines')
    .option('--operator <name>', 'who is answerable for the runs (default: this account)')
    .option('--passphrase-fd <number>', 'read the authority’s passphrase from this file descriptor')
    .option('--profiles <folder>', 'the site’s own certificate profiles (default: the shipped ones)')
    .option('--targets <folder>', 'the site’s own targets (default: the shipped ones)')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(keyline --help explains the commands)')
    .configureHelp({ showGlobalOptions: false })
    .exitOverride(endWith);
  for (const load of meant(args)) program.addCommand(inheritExit(await load()));
  return program;
}

const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string })
    .version;

/** A mistake in the arguments is the operator's to mend; help and version are no mistakes. */
function endWith(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.refused);
}

function inheritExit(command: Command): Command {
  command.exitOverride(endWith).showHelpAfterError('(add --help to see how it is used)');
  for (const child of command.commands) {
    inheritExit(child);
    // One with examples of its own has more to say.
    if (emitterOf(child).listenerCount('afterHelp') === 0)
      child.addHelpText('after', () => examplesOf(command, child));
  }
  return command;
}

/** Commander keeps its help texts as listeners; its types do not say that a command is an emitter. */
const emitterOf = (command: Command): EventEmitter => command as unknown as EventEmitter;

/** Those of a group's examples that show this command. */
function examplesOf(group: Command, child: Command): string {
  let text = '';
  emitterOf(group).emit('afterHelp', {
    error: false,
    command: group,
    write: (part: string) => (text += part),
  });
  const shows = new RegExp(`\\bkeyline (.* )?${group.name()} ${child.name()}( |$)`);
  const examples = text.split('\n').filter((line) => shows.test(line));
  return examples.length === 0 ? '' : `\nExamples:\n${examples.join('\n')}\n`;
}
