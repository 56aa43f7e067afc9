// The command tree, its help and what its exit status means.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type CommanderError } from 'commander';
import { auditCommand } from './commands/audit.ts';
import { authorityCommand } from './commands/authority.ts';
import { backupCommand } from './commands/backup.ts';
import { batchCommand } from './commands/batch.ts';
import { ceremonyCommand } from './commands/ceremony.ts';
import { crlCommand } from './commands/crl.ts';
import { doctorCommand } from './commands/doctor.ts';
import { edgeCommand } from './commands/edge.ts';
import { initCommand } from './commands/init.ts';
import { inventoryCommand } from './commands/inventory.ts';
import { issueCommand } from './commands/issue.ts';
import { manifestCommand } from './commands/manifest.ts';
import { orderCommand } from './commands/order.ts';
import { passwordCommand } from './commands/password.ts';
import { portsCommand } from './commands/ports.ts';
import { provisionCommand } from './commands/provision.ts';
import { renewCommand, replaceCommand } from './commands/renew.ts';
import { revokeCommand } from './commands/revoke.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { targetCommand } from './commands/target.ts';
import { transcriptCommand } from './commands/transcript.ts';
import { trustCommand } from './commands/trust.ts';
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

export function createProgram(): Command {
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
  for (const command of [
    initCommand(),
    portsCommand(),
    provisionCommand(),
    orderCommand(),
    runCommand(),
    inventoryCommand(),
    renewCommand(),
    replaceCommand(),
    revokeCommand(),
    batchCommand(),
    manifestCommand(),
    ceremonyCommand(),
    authorityCommand(),
    issueCommand(),
    crlCommand(),
    trustCommand(),
    passwordCommand(),
    auditCommand(),
    backupCommand(),
    edgeCommand(),
    serveCommand(),
    targetCommand(),
    transcriptCommand(),
    simulateCommand(),
    doctorCommand(),
  ]) {
    program.addCommand(inheritExit(command));
  }
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
  for (const child of command.commands) inheritExit(child);
  return command;
}
