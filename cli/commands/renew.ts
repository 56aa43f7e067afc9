// keyline renew: a device’s credential is renewed, or replaced because something happened to it.

import { Command, Option } from 'commander';
import { REVOCATION_REASONS, type RevocationReason } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { renewDevice } from '../../core/host/renewDevice.ts';
import { readInput } from './files.ts';
import { withIssuing } from './issue.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline renew SN-0001 --csr device.csr --out certificates/      # the device keeps or remakes its key
  $ keyline renew SN-0001 --out credentials/                       # a new key, made here
  $ keyline replace SN-0001 --reason keyCompromise --out credentials/

Renewing supersedes the old certificate when the new one is written; replacing revokes the old one first, for its reason.
A device in a bay is given its new credential with: keyline provision --replace
`;

interface RenewOptions {
  readonly csr?: string;
  readonly out: string;
  readonly profile?: string;
  readonly reason?: RevocationReason;
}

export const renewCommand = (): Command =>
  withCommon(new Command('renew').description('renew a device’s credential; the old one is superseded'));

export const replaceCommand = (): Command =>
  withCommon(new Command('replace').description('revoke a device’s credential and issue another')).addOption(
    new Option('--reason <reason>', 'why (RFC 5280 5.3.1)').choices(REVOCATION_REASONS).makeOptionMandatory(),
  );

const withCommon = (command: Command): Command =>
  command
    .argument('<device-serial>')
    .option('--csr <file>', 'a request by the device’s own key; without it a key is made here')
    .option('--profile <name>', 'what the certificate contains (default: as before)')
    .requiredOption('--out <folder>', 'where the new credential goes')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, serialText: string, options: RenewOptions) => {
        const deviceSerial = parseDeviceSerial(serialText);
        const request = options.csr === undefined ? undefined : readInput(options.csr);
        return withIssuing(context, (opened) => {
          const { profile: profileName, reason, out: folder } = options;
          const { certificateSerial, certificateSha256, replaced } = renewDevice(opened, {
            ...{ deviceSerial, request, profileName, reason, folder },
            operatorName: context.operatorName,
          });
          const why = reason ?? 'superseded';
          context.output.result(
            'renewed',
            { deviceSerial, certificateSerial, certificateSha256, replaced, reason: why },
            `✔ ${deviceSerial} has a new certificate ${certificateSerial}.\n  ${replaced ?? 'None'} is revoked (${why}).`,
          );
          return EXIT.ok;
        });
      }),
    );
