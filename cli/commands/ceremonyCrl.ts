// keyline ceremony crl: the root's revocation list, signed on the root machine and installed at the station.

import { type Command, Option } from 'commander';
import { openCaSigner } from '../../core/authority/issuing/caSigner.ts';
import { crlPem } from '../../core/authority/revocation/crlSet.ts';
import { recordRevokedCa, revokedUnder } from '../../core/authority/revocation/revokedCas.ts';
import { describeCertificate } from '../../core/authority/x509/describeCertificate.ts';
import { readPemOrDer } from '../../core/der/pem.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../core/domain/credential.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { whereTheRootIs } from '../../core/host/ceremonies.ts';
import { withRecords } from '../../core/host/ceremonyRecords.ts';
import { certificateOf, installRootCrl, renewCrl } from '../../core/host/crlFiles.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { confirmForGood } from '../input/confirmation.ts';
import { ceremonyOf, ceremonyWith } from './ceremonyWith.ts';
import { readInput } from './files.ts';
import { action, EXIT, positiveInteger } from './shared.ts';

interface CrlOptions {
  readonly days: number;
  readonly reason: RevocationReason;
  readonly out?: string;
  readonly revoke?: string;
  readonly install?: string;
  readonly yes?: boolean;
}

export function addCrl(ceremony: Command): void {
  ceremony
    .command('crl')
    .description('root machine: sign the root’s revocation list; station: install it')
    .option('--days <number>', 'good for so long; beyond the next ceremony', positiveInteger, 400)
    .option('--out <folder>', 'root machine: where the list goes')
    .option('--revoke <certificate>', 'root machine: revoke this issuing CA first; this cannot be undone')
    .addOption(
      new Option('--reason <reason>', 'why (RFC 5280 5.3.1)')
        .choices(REVOCATION_REASONS)
        .default('unspecified'),
    )
    .option('--yes', 'do not ask for confirmation of --revoke')
    .option('--install <file>', 'station: the list from the stick')
    .action(
      action(async (context, options: CrlOptions) => {
        const folder = context.folder.authority;
        const at = { folder, clock: systemClock, random: systemRandom };
        if (options.install !== undefined) {
          const list = readInput(options.install);
          const { revoked } = withRecords(ceremonyOf(context), undefined, (record) =>
            installRootCrl(at, list, record),
          );
          const labels = revoked.map((one) => one.label);
          context.output.result(
            'crl-installed',
            { file: options.install, revoked: labels },
            [
              '✔ The root’s list is installed.',
              ...labels.map((label) => `  Issuing CA ${label} is revoked and signs nothing more.`),
            ].join('\n'),
          );
          return EXIT.ok;
        }
        const { out } = options;
        if (out === undefined) throw new StationError('usage', { reason: 'give --out or --install' });
        const issuingDer =
          options.revoke === undefined ? undefined : readPemOrDer(readInput(options.revoke), ['CERTIFICATE']);
        if (issuingDer !== undefined) {
          const { subject } = describeCertificate(issuingDer);
          await confirmForGood(context, options.yes, `Revoke the issuing CA ${subject}?`);
        }
        const passphrase = await context.passphrase();
        return ceremonyWith(context, passphrase, async () => {
          const { crlDer, crlNumber, nextUpdateMs, revoked } = await context.output.during(
            'Signing the root’s list',
            () => {
              const signer = whereTheRootIs(at, () => openCaSigner(at, 'root', passphrase));
              const rootDer = certificateOf(folder, 'root');
              if (issuingDer !== undefined) {
                const why = { revokedAtMs: systemClock.nowMs(), reason: options.reason };
                recordRevokedCa(at, rootDer, issuingDer, why);
              }
              const entries = revokedUnder(folder, rootDer);
              return { ...renewCrl(at, 'root', signer, entries, options.days), revoked: entries.length };
            },
          );
          const bytes = Buffer.from(crlPem(crlDer));
          const [file = ''] = writeFiles(out, [{ fileName: 'root.crl.pem', bytes }]);
          const end = new Date(nextUpdateMs).toISOString();
          context.output.result(
            'crl-signed',
            { file, crlNumber, revoked, nextUpdate: end },
            `✔ ${file}, number ${crlNumber}, ${revoked} revoked, good until ${end}`,
          );
        });
      }),
    );
}
