// keyline password: usernames and passwords for labels, and the files that brokers read, those of devices from runs among them.

import { join } from 'node:path';
import { Command, Option } from 'commander';
import { csvLine } from '../../core/authority/trust/files.ts';
import { systemClock } from '../../core/domain/clock.ts';
import {
  checkPasswordPolicy,
  DEFAULT_PASSWORD_POLICY,
  entropyBits,
  PASSWORD_ALPHABET_NAMES,
  PASSWORD_FORMATS,
  type PasswordFormat,
  type PasswordPolicy,
  parseUsername,
} from '../../core/domain/password.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { openReadOnlyRecords, openRecords } from '../../core/host/openRecords.ts';
import { writeLines } from '../../core/host/outputFiles.ts';
import { labelledUsernames, makePasswords, passwordFile } from '../../core/host/passwords.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { action, EXIT, positiveInteger } from './shared.ts';
import { orderIdOf } from './trust.ts';

const EXAMPLES = `
Examples:
  $ keyline password make SN-0001                              # shown once, for a label
  $ keyline password make --order WO-1234 --out labels.csv     # one for each device serial of the order
  $ keyline password export --format mosquitto --out /etc/mosquitto/devices.passwd
  $ keyline password revoke SN-0001

Only verifiers are kept, never the password. A lost one is made anew. The export also holds the devices that were given a password by a
run (“keyline order create --credential certificate-and-password”), while their credentials are verified.
`;

export const passwordCommand = (): Command => {
  const password = new Command('password').description(
    'usernames and passwords for labels, and the files that brokers read',
  );
  password.addHelpText('after', EXAMPLES);
  addMake(password);
  addExport(password);
  password
    .command('revoke')
    .description('leave a user out of every export from now on')
    .argument('<username>')
    .action(
      action(({ output, folder, operatorName }, username: string) => {
        const records = openRecords(folder, { actor: operatorName });
        try {
          records.inventory.revokePasswordUser(parseUsername(username), systemClock.nowMs());
          output.result(
            'password-revoked',
            { username },
            `✔ ${username} is revoked. Export the password file again.`,
          );
          return EXIT.ok;
        } finally {
          records.close();
        }
      }),
    );
  return password;
};

interface MakeOptions extends PasswordPolicy {
  readonly order?: string;
  readonly out?: string;
}

function addMake(password: Command): void {
  password
    .command('make')
    .description('make passwords; each is shown, or written to --out, once')
    .argument('[usernames...]', 'as the broker will see them: the device serials')
    .option('--order <order>', 'one for every device serial of this work order')
    .option('--length <number>', 'characters', positiveInteger, DEFAULT_PASSWORD_POLICY.length)
    .addOption(
      new Option('--alphabet <name>', 'which characters')
        .choices(PASSWORD_ALPHABET_NAMES)
        .default(DEFAULT_PASSWORD_POLICY.alphabet),
    )
    .option('--out <file>', 'a CSV for the label printer, readable by its owner only')
    .action(
      action(({ output, folder, operatorName }, named: readonly string[], options: MakeOptions) => {
        const policy = checkPasswordPolicy({ alphabet: options.alphabet, length: options.length });
        const records = openRecords(folder, { actor: operatorName });
        try {
          const orderId = orderIdOf(records, options.order);
          const order = options.order === undefined ? undefined : records.inventory.order(options.order);
          const usernames = labelledUsernames(records.inventory, named, order);
          if (usernames.length === 0)
            throw new StationError('usage', { reason: 'give usernames, or an order with device serials' });
          output.say(`Each password has ${Math.floor(entropyBits(policy))} bits of entropy.`);
          const blocks = makePasswords(usernames, policy, systemRandom, (block) =>
            records.inventory.addPasswordUsers(orderId, block, systemClock.nowMs()),
          );
          if (options.out === undefined) {
            for (const { username, password: text } of flat(blocks))
              output.result('password', { username, password: text }, `${username}  ${text}`);
          } else {
            const lines = function* (): Generator<string> {
              yield csvLine(['username', 'password']);
              for (const { username, password: text } of flat(blocks)) yield csvLine([username, text]);
            };
            writeLines(options.out, lines(), 0o600);
            output.result(
              'passwords-made',
              { count: usernames.length, file: options.out },
              `✔ ${usernames.length} passwords in ${options.out}. Delete it when the labels are printed.`,
            );
          }
          return EXIT.ok;
        } finally {
          records.close();
        }
      }),
    );
}

interface ExportOptions {
  readonly format: PasswordFormat;
  readonly order?: string;
  readonly out: string;
}

function* flat<T>(blocks: Iterable<readonly T[]>): Generator<T> {
  for (const block of blocks) yield* block;
}

function addExport(password: Command): void {
  password
    .command('export')
    .description('write the password file of a broker')
    .addOption(new Option('--format <format>', 'whose').choices(PASSWORD_FORMATS).makeOptionMandatory())
    .option('--order <order>', 'only the users of this work order')
    .requiredOption('--out <file>', 'where to')
    .action(
      action(({ output, folder }, options: ExportOptions) => {
        const records = openReadOnlyRecords(folder);
        try {
          const order = options.order === undefined ? undefined : records.inventory.order(options.order);
          if (options.order !== undefined && order === undefined)
            throw new StationError('order_unknown', { order: options.order });
          const users = records.inventory.passwordUsers(order?.orderId);
          const sizeBytes = writeLines(options.out, passwordFile(options.format, users), 0o600);
          output.result(
            'passwords-exported',
            { format: options.format, file: options.out, sizeBytes },
            `✔ ${join(options.out)}`,
          );
          return EXIT.ok;
        } finally {
          records.close();
        }
      }),
    );
}
