// keyline authority: show, import, roll over, assign, limit, revoke.

import { Command } from 'commander';
import { caFolder } from '../../core/authority/issuing/caFolders.ts';
import { tokenReferenceOf } from '../../core/authority/issuing/caSigner.ts';
import { openIssuingCas } from '../../core/authority/issuing/issuingCas.ts';
import { describeCertificate } from '../../core/authority/x509/describeCertificate.ts';
import { sha256Hex } from '../../core/der/fingerprint.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { type InstalledCa, importExisting, rollOver, useCa } from '../../core/host/ceremonies.ts';
import { CRL_WARNING_MS, storedCrls } from '../../core/host/crlFiles.ts';
import { openIssuing } from '../../core/host/openIssuing.ts';
import { openReadOnlyRecords } from '../../core/host/openRecords.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { withInterruption } from '../input/interruption.ts';
import { importPassphrase } from '../input/passphrase.ts';
import { refuseUnknownProfile } from './catalogue.ts';
import { ceremonyOf, type MatterOptions, matterOf } from './ceremonyWith.ts';
import { readInput } from './files.ts';
import { addRevokeIssuing } from './revokeIssuing.ts';
import { action, dateTime, EXIT, wholeNumber } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline authority show
  $ keyline authority import ca.p12 --site "Plant 7" --import-passphrase-fd 3 3<password.txt
  $ keyline authority roll-over                    # a new issuing CA; the old one stays trusted
  $ keyline authority use 1 --profile tls-server   # one profile stays with the old one
  $ keyline authority roll-over --matter-vendor FFF1 --profile matter-dac   # a Matter PAI under the site’s root
  $ keyline authority quota 2 --limit 10000 --until 2031-12-31
  $ keyline authority revoke-issuing 1 --reason keyCompromise --out crl/   # its key is out: refuse all its devices
`;

export const authorityCommand = (): Command => {
  const authority = new Command('authority').description(
    'the issuing CAs: show, import, roll over, limit, revoke',
  );
  authority.addHelpText('after', EXAMPLES);
  addShow(authority);
  addImport(authority);
  authority
    .command('roll-over')
    .description('make a new issuing CA under the root on this machine and let it sign from now on')
    .option('--common-name <text>', 'its name (default: “SITE Issuing CA N”)')
    .option('--profile <name>', 'let it sign the certificates of this profile only')
    .option('--matter-vendor <id>', 'make it a Matter PAI for this vendor: four hexadecimal digits')
    .option('--matter-product <id>', 'and for this product only')
    .action(
      action(async (context, options: MatterOptions & { commonName?: string; profile?: string }) => {
        const { commonName, profile: profileName } = options;
        const matter = matterOf(options);
        refuseUnknownProfile(context, profileName);
        const passphrase = await context.passphrase();
        try {
          const parts = { ...ceremonyOf(context), passphrase };
          await withInterruption(context.output, async () => {
            const made = await context.output.during('Making the next issuing CA', () =>
              rollOver(parts, { commonName, matter, profileName }),
            );
            const does = profileName === undefined ? 'signs from now on' : `signs ${profileName} from now on`;
            context.output.result('issuing-ca-rolled-over', made, installedText(made, does));
          });
          return EXIT.ok;
        } finally {
          passphrase.wipe();
        }
      }),
    );
  authority
    .command('use')
    .description('let another issuing CA sign: everything, or one profile')
    .argument('<ca>', 'its label, as in: keyline authority show')
    .option('--profile <name>', 'only the certificates of this profile')
    .action(
      action((context, label: string, options: { profile?: string }) => {
        refuseUnknownProfile(context, options.profile);
        useCa(ceremonyOf(context), label, options.profile);
        const what = options.profile ?? 'everything';
        context.output.result(
          'issuing-ca-assigned',
          { label, profile: options.profile },
          `✔ Issuing CA ${label} signs ${what}.`,
        );
        return EXIT.ok;
      }),
    );
  addQuota(authority);
  addRevokeIssuing(authority);
  return authority;
};

function addShow(authority: Command): void {
  authority
    .command('show')
    .description('list the issuing CAs with their dates, limits and revocation lists')
    .action(
      action(({ output, folder }) => {
        const cas = openIssuingCas({ folder: folder.authority, clock: systemClock, random: systemRandom });
        const records = openReadOnlyRecords(folder);
        try {
          const limits = new Map(records.inventory.issuingCas().map((one) => [one.certificateSha256, one]));
          const crls = storedCrls(folder.authority, systemClock.nowMs(), CRL_WARNING_MS);
          output.say(`Root  ${describeCertificate(cas.rootDer).subject}  SHA-256 ${sha256Hex(cas.rootDer)}`);
          const rows = [...cas.all].map(([label, one]) => {
            const facts = describeCertificate(one.issuingDer);
            const limit = limits.get(facts.sha256);
            const profiles = Object.entries(cas.assignment.profiles)
              .filter(([, assigned]) => assigned === label)
              .map(([profile]) => profile);
            const active = cas.assignment.active === label;
            const crl = crls.find((list) => list.label === label && list.ca === 'issuing')?.freshness;
            const custody =
              tokenReferenceOf(caFolder(folder.authority, label), 'issuing') === undefined ? 'file' : 'token';
            const end = new Date(Math.min(facts.notAfterMs, limit?.endsAtMs ?? Number.POSITIVE_INFINITY));
            return {
              cells: [
                label,
                facts.subject,
                signsText(one.revoked, active, profiles),
                custody,
                end.toISOString().slice(0, 10),
                `${limit?.used ?? '–'}${limit?.quota === undefined ? '' : ` of ${limit.quota}`}`,
                crl ?? 'missing',
              ],
              facts: {
                label,
                ...facts,
                active,
                revoked: one.revoked,
                profiles,
                custody,
                used: limit?.used,
                quota: limit?.quota,
                endsAtMs: limit?.endsAtMs,
                crl,
              },
            };
          });
          const titles = ['CA', 'Name', 'Signs', 'Key', 'Until', 'Signed', 'List'];
          output.table(
            'issuing-ca',
            titles.map((title) => ({ title })),
            rows,
          );
          return EXIT.ok;
        } finally {
          records.close();
        }
      }),
    );
}

const signsText = (revoked: boolean, active: boolean, profiles: readonly string[]): string => {
  if (revoked) return 'nothing: revoked';
  return active ? 'everything else' : profiles.join(', ') || '–';
};

interface ImportOptions {
  readonly site: string;
  readonly name: string;
  readonly importPassphraseFd?: number;
}

function addImport(authority: Command): void {
  authority
    .command('import')
    .description('take an existing issuing CA in, with its chain; its key is stored under a new passphrase')
    .argument('<files...>', 'PKCS#12, or PEM with key and certificates')
    .requiredOption('--site <name>', 'the site’s name')
    .option('--name <name>', 'this station’s name, where it is new', 'station-1')
    .option(
      '--import-passphrase-fd <number>',
      'read the passphrase of the files from this file descriptor',
      wholeNumber,
    )
    .action(
      action(async (context, paths: readonly string[], options: ImportOptions) => {
        const files = paths.map(readInput);
        const filesPassphrase = importPassphrase(options.importPassphraseFd);
        const passphrase = await context.newPassphrase();
        try {
          const names = { site: options.site, stationName: options.name };
          const made = importExisting({ ...ceremonyOf(context), passphrase }, names, files, filesPassphrase);
          context.output.result('authority-imported', made, installedText(made, 'is taken in'));
          return EXIT.ok;
        } finally {
          passphrase.wipe();
          filesPassphrase?.wipe();
        }
      }),
    );
}

interface QuotaOptions {
  readonly limit?: number;
  readonly until?: string;
}

function addQuota(authority: Command): void {
  authority
    .command('quota')
    .description(
      'limit what an issuing CA may sign: what is not named stays; without options, lift its limits',
    )
    .argument('<ca>', 'its label')
    .option('--limit <number>', 'at most so many certificates in all', wholeNumber)
    .option('--until <date>', 'nothing after this day, YYYY-MM-DD')
    .action(
      action(({ output, folder, operatorName, profilesFolder }, label: string, options: QuotaOptions) => {
        const endsAtMs = options.until === undefined ? undefined : Date.parse(`${options.until}T23:59:59Z`);
        if (Number.isNaN(endsAtMs)) throw new StationError('usage', { reason: '--until takes YYYY-MM-DD' });
        const opened = openIssuing({ folder, passphrase: undefined, profilesFolder, operatorName });
        try {
          const { issuingDer } = opened.authority.byLabel(label);
          const sha256 = sha256Hex(issuingDer);
          const before = opened.inventory.issuingCas().find((one) => one.certificateSha256 === sha256);
          const isLifted = options.limit === undefined && endsAtMs === undefined;
          const limits = isLifted
            ? { quota: undefined, endsAtMs: undefined }
            : { quota: options.limit ?? before?.quota, endsAtMs: endsAtMs ?? before?.endsAtMs };
          opened.inventory.limitIssuingCa(sha256, limits, opened.clock.nowMs());
          const until =
            limits.endsAtMs === undefined
              ? 'until it ends'
              : `until ${dateTime(limits.endsAtMs).slice(0, 10)}`;
          output.result(
            'issuing-ca-limited',
            { label, ...limits },
            `✔ Issuing CA ${label}: ${limits.quota ?? 'any number of'} certificates, ${until}.`,
          );
          return EXIT.ok;
        } finally {
          opened.close();
        }
      }),
    );
}

const installedText = (made: InstalledCa, does: string): string =>
  [
    `✔ Issuing CA ${made.label} ${does}.`,
    `  Name        ${made.issuing.subject}`,
    `  SHA-256     ${made.issuing.sha256}`,
    `  Root        ${made.root.subject}`,
    `  SHA-256     ${made.root.sha256}`,
    '',
    '  Give the new trust bundle to every server before devices with new certificates reach it: keyline trust export',
  ].join('\n');
