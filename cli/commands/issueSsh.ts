// keyline issue ssh-host: an OpenSSH host certificate for a board that is reached over SSH.

import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { openTokenKey } from '../../core/authority/pkcs11/tokenKey.ts';
import { readSshPublicKey } from '../../core/authority/ssh/publicKeyLine.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { openIssuing } from '../../core/host/openIssuing.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { issueSshHost, sshHostFiles } from '../../core/host/sshHost.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { readInput } from './files.ts';
import { action, collect, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ scp board:/etc/ssh/ssh_host_ed25519_key.pub .
  $ keyline issue ssh-host ssh_host_ed25519_key.pub --name gw1.plant7.example --name 10.0.0.7 --serial SN-0001 --out gw1/
  $ scp gw1/ssh_host_ed25519_key-cert.pub board:/etc/ssh/     # sshd_config: HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub
  $ cat gw1/known_hosts >> ~/.ssh/known_hosts                 # clients trust every board of the site from then on

ssh-keygen -L -f gw1/ssh_host_ed25519_key-cert.pub shows what it says. Ed25519, P-256 and P-384 host keys.
`;

interface SshHostOptions {
  readonly name: readonly string[];
  readonly serial: string;
  readonly days: number;
  readonly hosts?: string;
  readonly out: string;
}

export function addSshHost(issue: Command): void {
  issue
    .command('ssh-host')
    .description('certify a board’s SSH host key, so that nobody has to believe a fingerprint')
    .argument('<public-key>', 'the board’s host key, as in /etc/ssh/ssh_host_ed25519_key.pub')
    .requiredOption('--name <host>', 'a name or address by which it is reached; repeat for more', collect)
    .requiredOption('--serial <device-serial>', 'the device; it becomes the key id in the server’s log')
    .option('--days <number>', 'good for so long', positiveInteger, 1825)
    .option('--hosts <pattern>', 'the hosts that clients trust by this key, as in known_hosts', '*')
    .requiredOption('--out <folder>', 'where certificate and known_hosts go')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, path: string, options: SshHostOptions) => {
        const hostKeySpki = readSshPublicKey(Buffer.from(readInput(path)).toString('utf8'));
        const passphrase = await context.passphrase();
        try {
          const { folder, profilesFolder, operatorName } = context;
          const opened = openIssuing({ folder, passphrase: undefined, profilesFolder, operatorName });
          try {
            const issued = issueSshHost(
              opened,
              {
                folder: folder.authority,
                clock: systemClock,
                random: systemRandom,
                openToken: openTokenKey,
              },
              passphrase,
              operatorName,
              {
                hostKeySpki,
                keyId: options.serial,
                principals: options.name,
                validityDays: options.days,
              },
              options.hosts ?? '*',
            );
            const [file = ''] = writeFiles(options.out, sshHostFiles(basename(path), issued));
            const end = new Date(issued.notAfterMs).toISOString();
            context.output.result(
              'ssh-host-issued',
              { file, serial: issued.serial, keyId: options.serial, principals: options.name, notAfter: end },
              `✔ ${options.serial}: ${file}\n  Good until ${end}; clients take ${join(options.out, 'known_hosts')}`,
            );
            return EXIT.ok;
          } finally {
            opened.close();
          }
        } finally {
          passphrase.wipe();
        }
      }),
    );
}
