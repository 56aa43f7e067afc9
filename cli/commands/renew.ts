// keyline renew: a device’s credential is renewed, or replaced because something happened to it.

import { Command, Option } from 'commander';
import { decideNames } from '../../core/authority/content.ts';
import { toPem, toPemChain } from '../../core/authority/der/pem.ts';
import { checkRequest } from '../../core/authority/request/requestCheck.ts';
import { readRequest } from '../../core/authority/request/requestReader.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import type { Secret } from '../../core/domain/secret.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { OpenedIssuing } from '../../core/host/openIssuing.ts';
import { issueCredential } from '../../core/station/issueCredential.ts';
import { readInput, writeFiles } from './files.ts';
import { fileStem, withIssuing } from './issue.ts';
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
        return withIssuing(context, (opened) => {
          const { inventory, facts } = opened;
          const before = inventory.liveCredential(deviceSerial);
          if (inventory.device(deviceSerial) === undefined)
            throw new StationError('device_unknown', { deviceSerial });
          if (before === undefined && options.reason !== undefined)
            throw new StationError('credential_not_live', { deviceSerial });
          const newest = before ?? inventory.credentialsOf(deviceSerial)[0];
          const profile = opened.profile(options.profile ?? newest?.profileName ?? 'tls-client');
          const values = { deviceSerial, site: facts.site };
          const key = keyFor(opened, options, profile.keyAlgorithm);
          try {
            if (key.request !== undefined) checkRequest(key.request, profile, decideNames(profile, values));
            const issued = issueCredential(opened, {
              holder: { kind: 'device', deviceSerial },
              ...{ profile, values, publicKeySpki: key.publicKeySpki, operatorName: context.operatorName },
              custody: key.request === undefined ? 'file' : 'on-device',
              supersedes: before,
              revokeFirst: options.reason,
              store({ certificateDer, issuingDer }) {
                const stem = fileStem(deviceSerial);
                key.privateKeyPkcs8?.use((bytes) =>
                  writeFiles(
                    options.out,
                    [{ fileName: `${stem}.key.pem`, bytes: Buffer.from(toPem('PRIVATE KEY', bytes)) }],
                    0o600,
                  ),
                );
                writeFiles(options.out, [
                  { fileName: `${stem}.pem`, bytes: Buffer.from(toPemChain([certificateDer, issuingDer])) },
                ]);
              },
            });
            const { certificateSerial, certificateSha256 } = issued;
            const old = before?.certificateSerial;
            context.output.result(
              'renewed',
              {
                deviceSerial,
                certificateSerial,
                certificateSha256,
                replaced: old,
                reason: options.reason ?? 'superseded',
              },
              `✔ ${deviceSerial} has a new certificate ${certificateSerial}.\n  ${old ?? 'None'} is revoked (${options.reason ?? 'superseded'}).`,
            );
            return EXIT.ok;
          } finally {
            key.privateKeyPkcs8?.wipe();
          }
        });
      }),
    );

interface NewKey {
  readonly publicKeySpki: Uint8Array;
  readonly privateKeyPkcs8: Secret | undefined;
  readonly request: ReturnType<typeof readRequest> | undefined;
}

function keyFor(
  opened: OpenedIssuing,
  options: RenewOptions,
  algorithm: Parameters<OpenedIssuing['keys']['generate']>[0],
): NewKey {
  if (options.csr === undefined) return { ...opened.keys.generate(algorithm), request: undefined };
  const request = readRequest(readInput(options.csr));
  return { publicKeySpki: request.publicKeySpki, privateKeyPkcs8: undefined, request };
}
