// keyline provision: one device, now.

import { Command } from 'commander';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { refuseWithoutSlot } from '../../core/domain/target.ts';
import { provision } from '../../core/station/provision/provision.ts';
import { exitCodeOfOutcome } from '../exitCodes.ts';
import { catalogue } from './catalogue.ts';
import { addCredentialOptions, type CredentialOptions, passwordPolicyOf } from './credentialOptions.ts';
import { portFor } from './filePort.ts';
import { confirmedSeal, type LastCheckOptions, rebootCheck, refuseKeyOnDisk } from './lastChecks.ts';
import { withStation } from './opened.ts';
import { action } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline provision --port /dev/ttyUSB0 --serial SN-0001
  $ keyline provision --port /dev/ttyACM0 --serial SN-0001 --replace
  $ keyline provision --port /dev/ttyACM0 --serial SN-0001 --target nrf91 --check-reboot
  $ keyline provision --port /dev/ttyUSB0 --serial SN-0001 --target ./our-board.json
  $ keyline provision --port /dev/ttyACM0 --serial SN-0001 --target mcumgr --credential certificate-and-password
  $ keyline provision --port out --serial SN-0001 --target files --key-on-disk
  $ keyline --json provision --port /dev/ttyUSB0 --serial SN-0001

The device gets the root CA's certificate, its own certificate and its key; a device that can make its own key does so and
never gives it out. Before the command ends, the device's copy has been checked as well as the device allows, and the
credential has opened a mutual-TLS connection to this site's edge server, or the device has signed with the key it keeps.
“keyline target list” says what each kind of device can show. With --credential certificate-and-password it also gets its device
serial as username and a fresh password, of which the station keeps only what brokers check it by.
`;

interface ProvisionOptions extends LastCheckOptions, CredentialOptions {
  readonly port: string;
  readonly serial: string;
  readonly target: string;
  readonly profile: string;
  readonly replace?: boolean;
}

export const provisionCommand = (): Command =>
  addCredentialOptions(
    new Command('provision')
      .description('give one device its credential')
      .requiredOption('--port <path>', 'the serial port it is plugged into (for files: a folder)')
      .requiredOption('--serial <device-serial>', 'what is printed on the device')
      .option('--target <name-or-file>', 'what kind of device it is', 'zephyr-shell')
      .option('--profile <name>', 'what its certificate contains', 'tls-client'),
  )
    .option('--replace', 'replace a credential that the device already has')
    .option('--check-reboot', 'check again after the device was started anew')
    .option('--seal', 'lock the device at the end, for good, where it can be')
    .option('--confirm-seal <device-serial>', 'confirms --seal where nobody can be asked')
    .option('--key-on-disk', 'allow a target that writes the private key to a file')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, options: ProvisionOptions) => {
        const { output, operatorName } = context;
        const deviceSerial = parseDeviceSerial(options.serial);
        if (options.port === '') throw new StationError('usage', { reason: '--port is empty' });
        const { target, profile } = catalogue(options, context);
        const passwordPolicy = passwordPolicyOf(options);
        if (passwordPolicy !== undefined) refuseWithoutSlot(target);
        refuseKeyOnDisk(target, options);
        const seal = await confirmedSeal(context, options, target, deviceSerial);
        return withStation(context, {}, async (station, signal) => {
          const { outcome } = await provision(station.ports, {
            deviceSerial,
            orderId: undefined,
            orderName: undefined,
            bayName: 'bay-1',
            portPath: portFor(target, options.port, deviceSerial),
            operatorName,
            site: station.facts.site,
            target,
            profile,
            replace: options.replace === true,
            checkReboot: rebootCheck(context, options),
            seal,
            passwordPolicy,
            signal,
            listener: output.run,
          });
          return exitCodeOfOutcome(outcome);
        });
      }),
    );
