// keyline issue: server certificates, and certificates for requests that somebody brings.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { readRequest } from '../../core/authority/request/requestReader.ts';
import { toPemChain } from '../../core/der/pem.ts';
import { pem } from '../../core/der/pemBytes.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { type Profile, parseProfile } from '../../core/domain/profile.ts';
import { issueForRequest } from '../../core/host/issueForRequest.ts';
import { type OpenedIssuing, openIssuing } from '../../core/host/openIssuing.ts';
import { fileStem, writeFiles } from '../../core/host/outputFiles.ts';
import { issueCredential } from '../../core/station/issueCredential.ts';
import type { CommandContext } from '../context.ts';
import { tellRecovery } from '../output/recovery.ts';
import { findTarget } from './catalogue.ts';
import { readInput } from './files.ts';
import { addSshHost } from './issueSsh.ts';
import { action, collect, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline issue server --name edge1.plant7.example --ip 10.0.0.5 --out edge1/
  $ keyline issue server --name edge1.plant7.example --out edge1/ --if-due 30   # from cron: renews 30 days before the end
  $ keyline issue csr device.csr --serial SN-0001 --out certificates/
  $ keyline issue ssh-host ssh_host_ed25519_key.pub --name gw1.example --serial SN-0001 --out gw1/

A server’s folder gets server.key.pem (PKCS#8, readable by its owner only), server.pem (with chain) and root.pem.
`;

/** Opens for issuing, runs `body`, closes. */
export async function withIssuing<T>(
  context: CommandContext,
  body: (opened: OpenedIssuing) => T | Promise<T>,
): Promise<T> {
  const { folder, profilesFolder, operatorName } = context;
  const passphrase = await context.passphrase();
  const opened = openIssuing({ folder, passphrase, profilesFolder, operatorName });
  try {
    tellRecovery(context.output, opened.recovered);
    return await body(opened);
  } finally {
    opened.close();
  }
}

export const issueCommand = (): Command => {
  const issue = new Command('issue').description('issue certificates without a device in a bay');
  issue.addHelpText('after', EXAMPLES);
  addServer(issue);
  addRequest(issue);
  addSshHost(issue);
  return issue;
};

interface ServerOptions {
  readonly name: readonly string[];
  readonly ip?: readonly string[];
  readonly profile: string;
  readonly out: string;
  readonly ifDue?: number;
}

/** The profile with the names that this server answers to, and no others. */
function serverProfile(profile: Profile, { name, ip = [] }: ServerOptions): Profile {
  const { subjectAltName, ...rest } = profile;
  return parseProfile(
    { ...rest, subjectAltName: { ...subjectAltName, dnsNames: [...name], ipAddresses: [...ip] } },
    profile.name,
  );
}

function addServer(issue: Command): void {
  issue
    .command('server')
    .description('issue a server’s certificate with a key made here')
    .requiredOption(
      '--name <host>',
      'a DNS name of the server; repeat for more, the first is its common name',
      collect,
    )
    .option('--ip <address>', 'an IP address of the server; repeat for more', collect)
    .option('--profile <name>', 'what the certificate contains', 'tls-server')
    .requiredOption('--out <folder>', 'where key and certificate go')
    .option(
      '--if-due <days>',
      'only if the last one ends within so many days, or is missing',
      positiveInteger,
    )
    .action(
      action(async (context, options: ServerOptions) =>
        withIssuing(context, (opened) => {
          const [serverName = ''] = options.name;
          const { inventory, keys, authority, clock, facts } = opened;
          const before = inventory.liveEdgeCredential(serverName);
          const leftMs = (before?.notAfterMs ?? 0) - clock.nowMs();
          const there = existsSync(join(options.out, 'server.pem'));
          if (options.ifDue !== undefined && there && leftMs > options.ifDue * 86_400_000) {
            const days = Math.floor(leftMs / 86_400_000);
            context.output.result(
              'server-current',
              { serverName, days },
              `The certificate of ${serverName} is good for ${days} more days.`,
            );
            return EXIT.ok;
          }
          // Not held against the CA yet: the shipped profile's own names are those of the station, not this server's.
          const base = profileNamed(loadProfiles(context.profilesFolder), options.profile);
          const profile = serverProfile(base, options);
          const key = keys.generate(profile.keyAlgorithm);
          try {
            const issued = issueCredential(opened, {
              holder: { kind: 'edge-server', serverName },
              ...{ profile, publicKeySpki: key.publicKeySpki, custody: 'file', supersedes: before },
              values: { serverName, site: facts.site },
              operatorName: context.operatorName,
              store({ certificateDer, issuingDer }) {
                key.privateKeyPkcs8.use((bytes) =>
                  writeFiles(
                    options.out,
                    [{ fileName: 'server.key.pem', bytes: pem('PRIVATE KEY', bytes) }],
                    0o600,
                  ),
                );
                writeFiles(options.out, [
                  { fileName: 'server.pem', bytes: Buffer.from(toPemChain([certificateDer, issuingDer])) },
                  { fileName: 'root.pem', bytes: Buffer.from(toPemChain([authority.rootDer])) },
                ]);
              },
            });
            const { certificateSerial, certificateSha256 } = issued;
            context.output.result(
              'server-issued',
              { serverName, certificateSerial, certificateSha256, folder: options.out },
              `✔ ${serverName}: ${join(options.out, 'server.pem')}\n  Certificate ${certificateSerial}`,
            );
            return EXIT.ok;
          } finally {
            key.privateKeyPkcs8.wipe();
          }
        }),
      ),
    );
}

interface RequestOptions {
  readonly serial: string;
  readonly profile: string;
  readonly target: string;
  readonly out: string;
}

function addRequest(issue: Command): void {
  issue
    .command('csr')
    .description(
      'issue the certificate that a request (PKCS#10, PEM or DER) asks for, if its profile gives it',
    )
    .argument('<file>', 'the request')
    .requiredOption('--serial <device-serial>', 'the device that holds the key')
    .option('--profile <name>', 'what the certificate contains', 'tls-client')
    .option('--target <name>', 'what kind of device, where it is new', 'zephyr-shell')
    .requiredOption('--out <folder>', 'where certificate and chain go')
    .action(
      action(async (context, path: string, options: RequestOptions) => {
        const deviceSerial = parseDeviceSerial(options.serial);
        const request = readRequest(readInput(path));
        return withIssuing(context, (opened) => {
          const issued = issueForRequest(opened, {
            ...{ deviceSerial, request, folder: options.out, operatorName: context.operatorName },
            ...{ profileName: options.profile, targetName: findTarget(options.target, context).name },
          });
          const { certificateSerial, certificateSha256 } = issued;
          context.output.result(
            'device-issued',
            { deviceSerial, certificateSerial, certificateSha256, folder: options.out },
            `✔ ${deviceSerial}: ${join(options.out, `${fileStem(deviceSerial)}.pem`)}\n  Certificate ${certificateSerial}`,
          );
          return EXIT.ok;
        });
      }),
    );
}
