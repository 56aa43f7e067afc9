// keyline authority revoke-issuing: an issuing CA is trusted no longer.

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { openIssuingCas } from '../../core/authority/issuing/issuingCas.ts';
import { describeCertificate } from '../../core/authority/x509/describeCertificate.ts';
import { toPem } from '../../core/der/pem.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../core/domain/credential.ts';
import type { StationError } from '../../core/domain/stationError.ts';
import { crlSetFiles, revokeIssuingCa } from '../../core/host/crlSets.ts';
import { openIssuing } from '../../core/host/openIssuing.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { confirmForGood } from '../input/confirmation.ts';
import { action, EXIT, positiveInteger } from './shared.ts';

interface RevokeIssuingOptions {
  readonly reason: RevocationReason;
  readonly days: number;
  readonly rootDays: number;
  readonly out?: string;
  readonly yes?: boolean;
}

export function addRevokeIssuing(authority: Command): void {
  authority
    .command('revoke-issuing')
    .description(
      'revoke an issuing CA in its root’s list: it signs nothing more, and its devices are refused',
    )
    .argument('<ca>', 'its label, as in: keyline authority show')
    .addOption(
      new Option('--reason <reason>', 'why (RFC 5280 5.3.1)')
        .choices(REVOCATION_REASONS)
        .default('unspecified'),
    )
    .option('--days <number>', 'the issuing CAs’ lists are good for so long', positiveInteger, 30)
    .option('--root-days <number>', 'the root’s list is good for so long', positiveInteger, 400)
    .option(
      '--out <folder>',
      'where the new lists go; with an offline root, the certificate to carry to its machine',
    )
    .option('--yes', 'do not ask for confirmation')
    .action(
      action(async (context, label: string, options: RevokeIssuingOptions) => {
        const { output, folder, profilesFolder, operatorName } = context;
        const { reason, days, rootDays, out } = options;
        const casNow = () =>
          openIssuingCas({ folder: folder.authority, clock: systemClock, random: systemRandom });
        const { subject } = describeCertificate(casNow().byLabel(label).issuingDer);
        await confirmForGood(
          context,
          options.yes,
          `Revoke issuing CA ${label} (${subject})? Every device that it signed for will be refused.`,
        );
        const passphrase = await context.passphrase();
        const opened = openIssuing({ folder, passphrase: undefined, profilesFolder, operatorName });
        try {
          const at = { authorityFolder: folder.authority, passphrase, actor: operatorName };
          const revoked = revokeIssuingCa(opened, label, reason, { ...at, days, rootDays });
          // As it stands now: what was opened before still trusts the CA.
          const authority = casNow();
          const { issuingDer } = authority.byLabel(label);
          const bytes = Buffer.from(toPem('CERTIFICATE', issuingDer));
          const { unlisted, ...done } = revoked;
          const listed = unlisted === undefined;
          const files = listed
            ? crlSetFiles({ authority, clock: systemClock }, folder.authority)
            : [{ fileName: `issuing-${label}.pem`, bytes }];
          const written = out === undefined ? [] : writeFiles(out, files);
          output.result(
            'issuing-ca-revoked',
            { label, subject, ...done, listed, unlisted: unlisted?.code, files: written },
            [
              `${output.paint('green', '✔')} Issuing CA ${label} is revoked (${revoked.reason}) and signs nothing more.`,
              `  Certificate ${revoked.certificateSerial}`,
              ...written.map((path) => `  ${path}`),
              unlisted === undefined ? ONLINE_NEXT : unlistedNext(unlisted, label, out, revoked.reason),
              '  Then make a new one (keyline authority roll-over, or a ceremony) and provision its devices again.',
            ].join('\n'),
          );
          return EXIT.ok;
        } finally {
          opened.close();
          passphrase.wipe();
        }
      }),
    );
}

const ONLINE_NEXT = '  Give the new lists to every server: keyline crl --out, keyline trust export.';

/** The CA is recorded as revoked: the root's next list names it, whoever signs that. */
const unlistedNext = (
  { code, details }: StationError,
  label: string,
  out: string | undefined,
  reason: RevocationReason,
): string => {
  switch (code) {
    case 'passphrase_delayed':
      return `  The root’s key was not opened after too many wrong passphrases, so its list does not name it yet. In ${details.waitSeconds} s: keyline crl --out FOLDER`;
    case 'passphrase_wrong':
      return [
        '  The root’s key is under another passphrase, so its list does not name it yet. With that one:',
        '    keyline ceremony crl --out FOLDER',
        '  and then: keyline crl --out FOLDER',
      ].join('\n');
    default:
      return offlineNext(label, out, reason);
  }
};

const offlineNext = (label: string, out: string | undefined, reason: RevocationReason): string => {
  const file = join(out ?? 'STICK', `issuing-${label}.pem`);
  return [
    '  The root’s key is not here, so its list does not name it yet. On the root’s machine:',
    `    keyline --data ROOT ceremony crl --revoke ${file} --reason ${reason} --yes --out STICK`,
    '  and here: keyline ceremony crl --install STICK/root.crl.pem; keyline crl --out FOLDER',
  ].join('\n');
};
