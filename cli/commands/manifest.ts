// keyline manifest: what goes with a delivery, signed, for the customer to verify with openssl alone.

import { Command } from 'commander';
import { importPkcs8 } from '../../core/authority/encryptedKey.ts';
import { keySigner } from '../../core/authority/signing/signer.ts';
import { deliveryManifest } from '../../core/authority/trust/deliveryManifest.ts';
import { parseProfile } from '../../core/domain/profile.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { issueCredential } from '../../core/station/issueCredential.ts';
import { writeFiles } from './files.ts';
import { withIssuing } from './issue.ts';
import { action, EXIT } from './shared.ts';
import { orderIdOf } from './trust.ts';

const EXAMPLES = `
Examples:
  $ keyline manifest WO-1234 --out delivery/

The customer checks it so:
  $ openssl verify -CAfile manifest-chain.pem manifest-signer.pem
  $ openssl x509 -in manifest-signer.pem -pubkey -noout > signer.pub
  $ openssl dgst -sha256 -verify signer.pub -signature manifest.sig manifest.csv
`;

/** A certificate for one signature: its key is gone when the manifest is written. */
const SIGNER_PROFILE = parseProfile(
  {
    name: 'manifest-signer',
    version: 1,
    description: 'Signs the delivery manifest of one work order.',
    subject: [
      { attribute: 'O', value: '{site}' },
      { attribute: 'CN', value: 'Delivery manifest {order}' },
    ],
    validity: { days: 365 },
    keyUsage: ['digitalSignature', 'nonRepudiation'],
  },
  'manifest',
);

export const manifestCommand = (): Command =>
  new Command('manifest')
    .description('write the signed list of an order’s devices and certificates')
    .argument('<order>', 'the work order’s name or id')
    .requiredOption('--out <folder>', 'where the files go')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, orderName: string, options: { out: string }) =>
        withIssuing(context, (opened) => {
          const orderId = orderIdOf(opened, orderName);
          const { authority, inventory, keys, facts } = opened;
          const order = inventory.order(orderName)?.name ?? orderName;
          const first = inventory.issuedDevices(orderId).next();
          if (first.done === true)
            throw new StationError('usage', { reason: `no device of ${order} has a certificate` });
          const key = keys.generate(SIGNER_PROFILE.keyAlgorithm);
          try {
            const serverName = `Delivery manifest ${order}`;
            let files: readonly string[] = [];
            const { certificateSerial } = issueCredential(opened, {
              holder: { kind: 'edge-server', serverName },
              profile: SIGNER_PROFILE,
              values: { site: facts.site, order },
              publicKeySpki: key.publicKeySpki,
              custody: 'station-memory',
              supersedes: undefined,
              operatorName: context.operatorName,
              store({ certificateDer, issuingDer }) {
                const signer = keySigner(certificateDer, importPkcs8(key.privateKeyPkcs8));
                const devices = inventory.issuedDevices(orderId);
                files = writeFiles(
                  options.out,
                  deliveryManifest({ devices, signer, chainDer: [issuingDer, authority.rootDer] }),
                );
              },
            });
            context.output.result(
              'manifest',
              { order, certificateSerial, files },
              files.map((file) => `✔ ${file}`).join('\n'),
            );
            return EXIT.ok;
          } finally {
            key.privateKeyPkcs8.wipe();
          }
        }),
      ),
    );
