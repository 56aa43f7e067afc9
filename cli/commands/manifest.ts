// keyline manifest: what goes with a delivery, signed, for the customer to verify with openssl alone.

import { Command } from 'commander';
import { StationError } from '../../core/domain/stationError.ts';
import { writeManifest } from '../../core/host/deliveryManifests.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { withIssuing } from './issue.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline manifest WO-1234 --out delivery/

The customer checks it so:
  $ openssl verify -CAfile manifest-chain.pem manifest-signer.pem
  $ openssl x509 -in manifest-signer.pem -pubkey -noout > signer.pub
  $ openssl dgst -sha256 -verify signer.pub -signature manifest.sig manifest.csv
`;

export const manifestCommand = (): Command =>
  new Command('manifest')
    .description('write the signed list of an order’s devices and certificates')
    .argument('<order>', 'the work order’s name or id')
    .requiredOption('--out <folder>', 'where the files go')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, orderName: string, options: { out: string }) =>
        withIssuing(context, (opened) => {
          const order = opened.inventory.order(orderName);
          if (order === undefined) throw new StationError('order_unknown', { order: orderName });
          let files: readonly string[] = [];
          const certificateSerial = writeManifest(opened, order, context.operatorName, (made) => {
            files = writeFiles(options.out, made);
          });
          context.output.result(
            'manifest',
            { order: order.name, certificateSerial, files },
            files.map((file) => `✔ ${file}`).join('\n'),
          );
          return EXIT.ok;
        }),
      ),
    );
