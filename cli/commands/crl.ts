// keyline crl: writes the revocation lists of every CA that this station can sign for, as one set.

import { join } from 'node:path';
import { Command } from 'commander';
import { caFolder } from '../../core/authority/issuing/caFolders.ts';
import { openCaSigner } from '../../core/authority/issuing/caSigner.ts';
import { authorityKeyExtension } from '../../core/authority/issuing/issuingCas.ts';
import { openTokenKey } from '../../core/authority/pkcs11/tokenKey.ts';
import { crlPem, crlSetPem } from '../../core/authority/revocation/crlSet.ts';
import { systemClock } from '../../core/domain/clock.ts';
import type { Secret } from '../../core/domain/secret.ts';
import { asStationError } from '../../core/domain/stationError.ts';
import { renewCrl, storedCrls } from '../../core/host/crlFiles.ts';
import { type OpenedIssuing, openIssuing } from '../../core/host/openIssuing.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { CommandContext } from '../context.ts';
import { CRL_WARNING_MS } from '../doctor/station.ts';
import { writeFiles } from './files.ts';
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
        const { folder, profilesFolder, operatorName } = context;
        const opened = openIssuing({ folder, passphrase: undefined, profilesFolder, operatorName });
        try {
          renewAll(context, opened, passphrase, options);
          const stored = storedCrls(folder.authority, systemClock.nowMs(), CRL_WARNING_MS);
          const lists = stored.flatMap((one) => (one.crlDer === undefined ? [] : [one.crlDer]));
          // Throws when one is missing or has expired: such a set would turn every device away.
          const { trustBundleDer } = opened.authority;
          const set = crlSetPem(trustBundleDer.toReversed(), lists, systemClock.nowMs());
          if (options.out !== undefined) {
            const each = stored.flatMap(({ label, ca, crlDer }) =>
              crlDer === undefined
                ? []
                : [{ fileName: `${ca}-${label}.crl.pem`, bytes: Buffer.from(crlPem(crlDer)) }],
            );
            writeFiles(options.out, [{ fileName: 'crl-set.pem', bytes: Buffer.from(set) }, ...each]);
          }
          const nextUpdateMs = Math.min(...stored.map((one) => one.nextUpdateMs ?? Number.POSITIVE_INFINITY));
          const end = new Date(nextUpdateMs).toISOString();
          const file = options.out === undefined ? undefined : join(options.out, 'crl-set.pem');
          context.output.result(
            'crl-set',
            { lists: lists.length, nextUpdate: end, file },
            `✔ ${lists.length} lists, good until ${end}${file === undefined ? '' : `\n  ${file}`}`,
          );
          return EXIT.ok;
        } finally {
          opened.close();
          passphrase.wipe();
        }
      }),
    );

function renewAll(
  { output, folder }: CommandContext,
  opened: OpenedIssuing,
  passphrase: Secret,
  options: CrlOptions,
): void {
  const place = (label: string) => ({
    folder: caFolder(folder.authority, label),
    clock: systemClock,
    random: systemRandom,
    openToken: openTokenKey,
  });
  for (const [label, { issuingDer }] of opened.authority.all) {
    const signer = openCaSigner(place(label), 'issuing', passphrase);
    try {
      const entries = [...opened.inventory.revokedOf(authorityKeyExtension(issuingDer))];
      const { crlNumber, nextUpdateMs } = renewCrl(place(label), 'issuing', signer, entries, options.days);
      opened.inventory.append({
        act: 'crl-written',
        actor: 'keyline crl',
        atMs: systemClock.nowMs(),
        details: { issuingCa: label, crlNumber, revoked: entries.length },
      });
      output.result(
        'crl',
        { ca: label, crlNumber, revoked: entries.length, nextUpdateMs },
        `  Issuing CA ${label}: ${entries.length} revoked, number ${crlNumber}`,
      );
    } finally {
      signer.close();
    }
  }
  try {
    const root = openCaSigner(place('1'), 'root', passphrase);
    const { crlNumber } = renewCrl(place('1'), 'root', root, [], options.rootDays);
    output.result('crl', { ca: 'root', crlNumber, revoked: 0 }, `  Root: number ${crlNumber}`);
  } catch (thrown) {
    // Its key is where it belongs, or under another passphrase: the list from the last ceremony is used.
    const { code } = asStationError(thrown);
    if (code !== 'authority_missing' && code !== 'passphrase_wrong') throw thrown;
    output.say('  Root: its key is not here; the list from its last ceremony is used.');
  }
}
