// keyline provision: one device, now.

import { Command } from 'commander';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { openStation } from '../../core/host/openStation.ts';
import { provision } from '../../core/station/provision/provision.ts';
import { exitCodeOfOutcome } from '../exitCodes.ts';
import { listenForInterruption } from '../input/interruption.ts';
import { tellRecovery } from '../output/recovery.ts';
import { catalogue } from './catalogue.ts';
import { action } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline provision --port /dev/ttyUSB0 --serial SN-0001
  $ keyline provision --port /dev/ttyACM0 --serial SN-0001 --replace
  $ keyline --json provision --port /dev/ttyUSB0 --serial SN-0001

The device gets the root CA's certificate, its own certificate and its key. Before the command ends, the device's copy has
been compared with what was sent and the credential has opened a mutual-TLS connection to this site's edge server.
`;

interface ProvisionOptions {
  readonly port: string;
  readonly serial: string;
  readonly target: string;
  readonly profile: string;
  readonly replace?: boolean;
}

export const provisionCommand = (): Command =>
  new Command('provision')
    .description('give one device its credential')
    .requiredOption('--port <path>', 'the serial port it is plugged into')
    .requiredOption('--serial <device-serial>', 'what is printed on the device')
    .option('--target <name>', 'what kind of device it is', 'zephyr-shell')
    .option('--profile <name>', 'what its certificate contains', 'tls-client')
    .option('--replace', 'replace a credential that the device already has')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, options: ProvisionOptions) => {
        const { output, folder, operatorName, profilesFolder } = context;
        const deviceSerial = parseDeviceSerial(options.serial);
        const { target, profile } = catalogue(options, context);
        const interruption = listenForInterruption(output.say);
        const passphrase = await context.passphrase();
        const station = await openStation({ folder, passphrase, profilesFolder, operatorName });
        try {
          tellRecovery(output, station.recovered);
          const result = await provision(station.ports, {
            deviceSerial,
            orderId: undefined,
            orderName: undefined,
            bayName: 'bay-1',
            portPath: options.port,
            operatorName,
            site: station.facts.site,
            target,
            profile,
            replace: options.replace === true,
            signal: interruption.signal,
            listener: output.run,
          });
          return exitCodeOfOutcome(result.outcome);
        } finally {
          output.settle();
          await station.close();
          interruption.dispose();
        }
      }),
    );
