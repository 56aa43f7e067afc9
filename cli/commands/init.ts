// keyline init: the ceremony that makes a station and its authority.

import { join } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../core/domain/clock.ts';
import { initStation } from '../../core/host/initStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline init --site "Plant 7"
  $ printf '%s' "$PASSPHRASE" | keyline init --site "Plant 7" --passphrase-fd 0

Makes a root CA and an issuing CA. Both keys are stored encrypted under the passphrase; it is asked for and is
never an argument. Afterwards, move authority/root.key.pem to a place that is not online: issuing does not need it.
`;

export const initCommand = (): Command =>
  new Command('init')
    .description('make a station: its authority (root CA and issuing CA) and its inventory')
    .requiredOption('--site <name>', 'the site’s name; it stands in every certificate as organisation')
    .option('--name <name>', 'this station’s name', 'station-1')
    .addHelpText('after', EXAMPLES)
    .action(
      action(
        async ({ output, folder, operatorName, newPassphrase }, options: { site: string; name: string }) => {
          const passphrase = await newPassphrase();
          try {
            const made = await output.during('Making the root CA and the issuing CA', () =>
              initStation({
                folder,
                site: options.site,
                name: options.name,
                operatorName,
                passphrase,
                clock: systemClock,
                random: systemRandom,
              }),
            );
            output.result(
              'station-made',
              made,
              [
                `${output.paint('green', '✔')} Station ${made.name} at ${made.site} is ready.`,
                `  Data folder  ${folder.root}`,
                `  Root CA      ${made.rootSha256}`,
                `  Issuing CA   ${made.issuingSha256}`,
                '',
                `  Back up the data folder. Keep a copy of ${join(folder.authority, 'root.key.pem')} and the passphrase in two different safe places: without them no new issuing CA can ever be signed.`,
                '  Next: plug a device in, look its port up with “keyline ports”, and give it its credential with “keyline provision”.',
              ].join('\n'),
            );
            return EXIT.ok;
          } finally {
            passphrase.wipe();
          }
        },
      ),
    );
