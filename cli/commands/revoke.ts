// keyline revoke: a device's credential is trusted no longer.

import { Command, Option } from 'commander';
import { REVOCATION_REASONS, type RevocationReason } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { openRecords } from '../../core/host/openRecords.ts';
import { revokeDevice } from '../../core/station/revocation.ts';
import { confirmForGood } from '../input/confirmation.ts';
import { tellRecovery } from '../output/recovery.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline revoke SN-0001 --reason keyCompromise
  $ keyline revoke SN-0001 --reason superseded --yes

This cannot be undone: the device must be provisioned again.
`;

export const revokeCommand = (): Command =>
  new Command('revoke')
    .description('revoke the live credential of a device')
    .argument('<device-serial>')
    .addOption(
      new Option('--reason <reason>', 'why (RFC 5280 5.3.1)')
        .choices(REVOCATION_REASONS)
        .default('unspecified'),
    )
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', EXAMPLES)
    .action(
      action(
        async (
          { output, folder, operatorName, interactive },
          serialText: string,
          options: { reason: RevocationReason; yes?: boolean },
        ) => {
          const deviceSerial = parseDeviceSerial(serialText);
          await confirmForGood({ interactive }, options.yes, `Revoke the credential of ${deviceSerial}?`);
          const records = openRecords(folder, { actor: operatorName });
          try {
            tellRecovery(output, records.recovered);
            const credential = revokeDevice(records, { deviceSerial, reason: options.reason, operatorName });
            const { certificateSerial } = credential;
            output.result(
              'revoked',
              { deviceSerial, certificateSerial, reason: options.reason },
              `${output.paint('green', '✔')} The credential of ${deviceSerial} is revoked (${options.reason}).\n  Certificate ${certificateSerial}`,
            );
            return EXIT.ok;
          } finally {
            records.close();
          }
        },
      ),
    );
