// keyline trust: what servers, brokers and clouds take to trust this site’s devices.

import { join } from 'node:path';
import { Command, Option } from 'commander';
import { StationError } from '../../core/domain/stationError.ts';
import { TRUST_CONSUMERS, type TrustConsumer } from '../../core/domain/trustConsumer.ts';
import { type OpenedIssuing, openIssuing } from '../../core/host/openIssuing.ts';
import { exportTrust } from '../../core/host/trustExport.ts';
import { withInterruption } from '../input/interruption.ts';
import { docsFolder } from '../resources.ts';
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
} as const satisfies Readonly<Record<TrustConsumer, string>>;

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
  readonly for: TrustConsumer;
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
          const { order, code, set, roleArn, policy, profile, subType } = options;
          const request = {
            ...{
              consumer: options.for,
              folder: options.out,
              authorityFolder: folder.authority,
              operatorName,
            },
            orderId: orderIdOf(opened, order),
            ...{ code, set, roleArn, policy, profile, subType },
            tags: options.tag ?? [],
            firmwareTypes: options.firmwareType ?? [],
          };
          const files = await withInterruption(context.output, () =>
            context.output.during(`Writing for ${options.for}`, () => exportTrust(opened, request)),
          );
          const page = join(docsFolder, 'trust', `${TRUST_CONSUMERS[options.for].page}.md`);
          context.output.result(
            'trust-exported',
            { consumer: options.for, files, page },
            [...files.map((file) => `✔ ${file}`), `  Where they go: ${page}`].join('\n'),
          );
          return EXIT.ok;
        } finally {
          opened.close();
        }
      }),
    );
  return trust;
};

export function orderIdOf(opened: Pick<OpenedIssuing, 'inventory'>, name: string | undefined) {
  if (name === undefined) return undefined;
  const order = opened.inventory.order(name);
  if (order === undefined) throw new StationError('order_unknown', { order: name });
  return order.orderId;
}
