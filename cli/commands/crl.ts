// keyline crl: writes the revocation lists of every CA that this station can sign for, as one set.

import { join } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../core/domain/clock.ts';
import type { StationError } from '../../core/domain/stationError.ts';
import { CRL_WARNING_MS, storedCrls } from '../../core/host/crlFiles.ts';
import { crlSetFiles, renewCrls } from '../../core/host/crlSets.ts';
import { openIssuing } from '../../core/host/openIssuing.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { withInterruption } from '../input/interruption.ts';
import { action, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline crl --out /var/www/crl/
  $ keyline crl --days 14 --out crl/     # from cron, well before the lists end

Writes crl-set.pem (every CA’s list: what nginx, HAProxy, Apache and Envoy need) and one file per CA. A root whose key is
offline is not signed again: bring its list with “keyline ceremony crl”. keyline doctor warns before a list ends.
`;

interface CrlOptions {
  readonly days: number;
  readonly rootDays: number;
  readonly out?: string;
}

const nameOf = (ca: string): string => (ca === 'root' ? 'Root' : `Issuing CA ${ca}`);

function keptWords({ code, details }: StationError): string {
  switch (code) {
    case 'root_elsewhere':
      return 'its key is not here; the list from its last ceremony is used.';
    case 'passphrase_delayed':
      return `not opened after too many wrong passphrases, try again in ${details.waitSeconds} s; its last list stays.`;
    default:
      return 'this passphrase does not open its key; its last list stays.';
  }
}

export const crlCommand = (): Command =>
  new Command('crl')
    .description('write the revocation lists of root and issuing CAs')
    .option('--days <number>', 'the issuing CAs’ lists are good for so long', positiveInteger, 30)
    .option(
      '--root-days <number>',
      'the root’s list is good for so long, where its key is here',
      positiveInteger,
      400,
    )
    .option('--out <folder>', 'where to write the set; it is kept in the data folder as well')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, options: CrlOptions) => {
        const passphrase = await context.passphrase();
        const { output, folder, profilesFolder, operatorName } = context;
        const opened = openIssuing({ folder, passphrase: undefined, profilesFolder, operatorName });
        try {
          const { days, rootDays } = options;
          const at = { authorityFolder: folder.authority, passphrase, actor: 'keyline crl' };
          const { renewed, kept } = await withInterruption(output, () =>
            output.during('Signing the revocation lists', () => renewCrls(opened, { ...at, days, rootDays })),
          );
          for (const { ca, crlNumber, revoked, nextUpdateMs } of renewed) {
            output.result(
              'crl',
              { ca, crlNumber, revoked, nextUpdateMs },
              `  ${nameOf(ca)}: ${revoked} revoked, number ${crlNumber}`,
            );
          }
          for (const { ca, why } of kept)
            output.result('crl-kept', { ca, code: why.code }, `  ${nameOf(ca)}: ${keptWords(why)}`);
          const files = crlSetFiles(opened, folder.authority);
          const out = options.out;
          if (out !== undefined) await withInterruption(output, () => writeFiles(out, files));
          const stored = storedCrls(folder.authority, systemClock.nowMs(), CRL_WARNING_MS);
          const nextUpdateMs = Math.min(...stored.map((one) => one.nextUpdateMs ?? Number.POSITIVE_INFINITY));
          const end = new Date(nextUpdateMs).toISOString();
          const file = options.out === undefined ? undefined : join(options.out, 'crl-set.pem');
          const lists = files.length - 1;
          output.result(
            'crl-set',
            { lists, nextUpdate: end, file },
            `✔ ${lists} ${lists === 1 ? 'list' : 'lists'}, good until ${end}${file === undefined ? '' : `\n  ${file}`}`,
          );
          return EXIT.ok;
        } finally {
          opened.close();
          passphrase.wipe();
        }
      }),
    );
