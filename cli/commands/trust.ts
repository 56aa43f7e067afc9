// keyline trust: what servers, brokers and clouds take to trust this site’s devices.

import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { IssuingCas } from '../../core/authority/issuing/issuingCas.ts';
import { exportAkamai } from '../../core/authority/trust/akamai.ts';
import {
  awsBulkLines,
  exportAwsBulkTemplate,
  exportAwsIotRegistration,
  exportAwsJitpTemplate,
} from '../../core/authority/trust/awsIot.ts';
import { azureEnrolmentLines, exportAzureVerification } from '../../core/authority/trust/azureIot.ts';
import { exportCloudflare } from '../../core/authority/trust/cloudflare.ts';
import { TRUST_CONSUMERS, type TrustConsumer } from '../../core/authority/trust/consumers.ts';
import type { ExportedFile, TrustMaterial } from '../../core/authority/trust/files.ts';
import { fingerprintLines } from '../../core/authority/trust/fingerprints.ts';
import { nrfCloudFiles } from '../../core/authority/trust/nrfCloud.ts';
import { sha256Hex } from '../../core/authority/x509/fingerprint.ts';
import { newCredentialId } from '../../core/domain/ids.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { storedCrls } from '../../core/host/crlFiles.ts';
import { type OpenedIssuing, openIssuing } from '../../core/host/openIssuing.ts';
import type { CommandContext } from '../context.ts';
import { CRL_WARNING_MS } from '../doctor/station.ts';
import { writeFiles, writeLines } from './files.ts';
import { action, collect, EXIT } from './shared.ts';

const CONSUMERS = {
  root: 'the root certificate alone: consumers whose devices send their chain',
  chain: 'issuing CAs, then the root',
  nginx: 'ssl_client_certificate, with ssl_crl after “keyline crl”',
  apache: 'SSLCACertificateFile, with SSLCARevocationFile',
  haproxy: 'ca-file, with crl-file',
  envoy: 'validation_context, with crl',
  mosquitto: 'cafile, with crlfile',
  emqx: 'cacertfile of an ssl listener',
  rabbitmq: 'ssl_options.cacertfile',
  'aws-iot': 'CA registration; --code: with verification certificate; --role-arn and --policy: JITP template',
  'aws-bulk': 'bulk registration: JSON lines and, with --policy, the template',
  'azure-iot': 'the CA with its verification certificate for --code',
  'azure-enrolments': 'individual enrolments, ten to a call',
  akamai: 'a CA set for the edge truststore, --set NAME',
  cloudflare: 'an upload per issuing CA, --set NAME',
  'nrf-cloud': 'onboarding CSV, 1,000 rows to a file; --sub-type, --tag, --firmware-type',
  csv: 'fingerprints of all live certificates',
} as const;
type Consumer = keyof typeof CONSUMERS;

const HELP = `
Consumers (docs/trust/ has a page for each):
${Object.entries(CONSUMERS)
  .map(([name, what]) => `  ${name.padEnd(17)} ${what}`)
  .join('\n')}

Examples:
  $ keyline trust export --for nginx --out nginx/
  $ keyline trust export --for aws-iot --code 94ffe2a3c0… --out aws/
  $ keyline trust export --for nrf-cloud --order WO-1234 --tag plant7 --firmware-type APP --out nrf/
`;

interface ExportOptions {
  readonly for: Consumer;
  readonly out: string;
  readonly order?: string;
  readonly code?: string;
  readonly set?: string;
  readonly roleArn?: string;
  readonly policy?: string;
  readonly profile: string;
  readonly subType: string;
  readonly tag?: readonly string[];
  readonly firmwareType?: readonly string[];
}

export const trustCommand = (): Command => {
  const trust = new Command('trust').description('what others need to trust this site’s devices');
  trust.addHelpText('after', HELP);
  trust
    .command('export')
    .description('write exactly the files that a consumer takes')
    .addOption(
      new Option('--for <consumer>', 'who takes them, as listed below')
        .choices(Object.keys(CONSUMERS))
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'where the files go')
    .option('--order <order>', 'lists: only the devices of this work order')
    .option('--code <code>', 'aws-iot, azure-iot: the registration or verification code')
    .option('--set <name>', 'akamai, cloudflare: the name of the set')
    .option('--role-arn <arn>', 'aws-iot: the provisioning role of a JITP template')
    .option('--policy <name>', 'aws-iot, aws-bulk: the policy of the things')
    .option('--profile <name>', 'aws-iot: the profile of the JITP template’s devices', 'aws-iot')
    .option('--sub-type <text>', 'nrf-cloud: the devices’ sub type', '')
    .option('--tag <text>', 'nrf-cloud: a tag; repeat for more', collect)
    .option('--firmware-type <type>', 'nrf-cloud: APP, MODEM, BOOT; repeat for more', collect)
    .addHelpText('after', HELP)
    .action(
      action(async (context, options: ExportOptions) => {
        const passphrase = options.code === undefined ? undefined : await context.passphrase();
        const { folder, profilesFolder, operatorName } = context;
        const opened = openIssuing({ folder, passphrase, profilesFolder, operatorName });
        try {
          const files = exportFiles(context, opened, options);
          opened.inventory.append({
            act: 'trust-exported',
            actor: operatorName,
            atMs: opened.clock.nowMs(),
            details: { consumer: options.for, files: files.length },
          });
          context.output.result(
            'trust-exported',
            { consumer: options.for, files },
            files.map((file) => `✔ ${file}`).join('\n'),
          );
          return EXIT.ok;
        } finally {
          opened.close();
        }
      }),
    );
  return trust;
};

function exportFiles(
  context: CommandContext,
  opened: OpenedIssuing,
  options: ExportOptions,
): readonly string[] {
  const { clock, authority, inventory } = opened;
  const nowMs = clock.nowMs();
  const material = trustMaterial(context, authority, nowMs);
  const write = (files: readonly ExportedFile[]): readonly string[] => writeFiles(options.out, files);
  const lines = (fileName: string, pieces: Iterable<string>): readonly string[] => {
    const path = join(options.out, fileName);
    writeLines(path, pieces);
    return [path];
  };
  const devices = () => inventory.issuedDevices(orderIdOf(opened, options.order));
  switch (options.for) {
    case 'akamai':
      return write(exportAkamai(material, needed('--set', options.set)));
    case 'cloudflare':
      return write(exportCloudflare(material, needed('--set', options.set)));
    case 'aws-iot':
      return write([
        ...(options.code === undefined
          ? TRUST_CONSUMERS['aws-iot'](material)
          : exportAwsIotRegistration(verification(opened, options.code))),
        ...(options.roleArn === undefined
          ? []
          : exportAwsJitpTemplate({
              profile: opened.profile(options.profile),
              roleArn: options.roleArn,
              policyName: needed('--policy', options.policy),
            })),
      ]);
    case 'azure-iot':
      return write(exportAzureVerification(verification(opened, needed('--code', options.code))));
    case 'aws-bulk':
      return [
        ...lines('aws-bulk.jsonl', awsBulkLinesByIssuer(devices(), authority)),
        ...(options.policy === undefined ? [] : write(exportAwsBulkTemplate(options.policy))),
      ];
    case 'azure-enrolments':
      return lines('azure-enrolments.jsonl', azureEnrolmentLines(devices()));
    case 'csv':
      return lines('devices.csv', fingerprintLines(devices()));
    case 'nrf-cloud': {
      const written: string[] = [];
      const { subType, tag: tags = [], firmwareType: firmwareTypes = [] } = options;
      for (const file of nrfCloudFiles(devices(), { subType, tags, firmwareTypes }))
        written.push(...write([file]));
      return written;
    }
    default:
      return write(TRUST_CONSUMERS[options.for satisfies TrustConsumer](material));
  }
}

/** Each device with the CA that signed it: after a roll-over there are two. */
function* awsBulkLinesByIssuer(
  devices: Iterable<{ readonly deviceSerial: string; readonly certificateDer: Uint8Array }>,
  authority: IssuingCas,
): Generator<string> {
  for (const device of devices) yield* awsBulkLines([device], authority.issuerOf(device.certificateDer));
}

/** Root, issuing CAs, and the lists where there are any: a consumer checks all of them or none. */
export function trustMaterial(
  { folder }: CommandContext,
  authority: IssuingCas,
  nowMs: number,
): TrustMaterial {
  const issuing = [...authority.all.values()].map((one) => one.issuingDer);
  const stored = storedCrls(folder.authority, nowMs, CRL_WARNING_MS);
  const crlsDer = stored.flatMap((one) => (one.crlDer === undefined ? [] : [one.crlDer]));
  return { rootDer: authority.rootDer, issuingDer: issuing.toReversed(), crlsDer, nowMs };
}

/** The proof for a cloud's code: a certificate of this CA like any other, so its serial is recorded first. */
function verification(opened: OpenedIssuing, code: string) {
  const { authority, inventory, clock, random } = opened;
  const ca = authority.byLabel(authority.assignment.active);
  const certificateSerial = authority.reserveCertificateSerial();
  const credentialId = newCredentialId(random);
  inventory.append({
    act: 'verification-certificate-issued',
    actor: 'keyline trust export',
    atMs: clock.nowMs(),
    details: { credentialId, certificateSerial, issuingSha256: sha256Hex(ca.issuingDer) },
  });
  return { code, signer: ca.signer, certificateSerial, nowMs: clock.nowMs() };
}

export function orderIdOf(opened: Pick<OpenedIssuing, 'inventory'>, name: string | undefined) {
  if (name === undefined) return undefined;
  const order = opened.inventory.order(name);
  if (order === undefined) throw new StationError('order_unknown', { order: name });
  return order.orderId;
}

function needed(option: string, value: string | undefined): string {
  if (value === undefined) throw new StationError('usage', { reason: `this consumer needs ${option}` });
  return value;
}
