// keyline inventory: list, show, export, upgrade.

import { Command, Option } from 'commander';
import type { Credential, CredentialState } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { askedAgainCount, type Run } from '../../core/domain/run.ts';
import { asStationError, type ErrorDetails, StationError } from '../../core/domain/stationError.ts';
import type { DataFolder } from '../../core/host/dataFolder.ts';
import { openReadOnlyRecords, openRecords, type ReadOnlyRecords } from '../../core/host/openRecords.ts';
import { writeLinesUntil } from '../../core/host/outputFiles.ts';
import { csvText } from '../../core/inventory/export/csv.ts';
import { EXPORT_COLUMNS } from '../../core/inventory/export/inventoryExport.ts';
import type { DeviceSummary } from '../../core/inventory/queries/deviceList.ts';
import type { DeviceFilter } from '../../core/inventory/queries/deviceSearch.ts';
import { withInterruption } from '../input/interruption.ts';
import { askedAgainWords, custodyWords, recordedChecks } from '../output/checkWords.ts';
import { failureWords } from '../output/failureWords.ts';
import { type Paint, paintOutcome, seconds } from '../output/style.ts';
import { renderTable } from '../output/table.ts';
import { withRecords } from './opened.ts';
import { action, dateTime, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline inventory list --state verified
  $ keyline inventory list --search SN-00
  $ keyline inventory show SN-0001
  $ keyline inventory export --format csv --out devices.csv
  $ keyline inventory upgrade
`;

const STATES = ['none', 'voided', 'issued', 'installed', 'verified', 'sealed', 'revoked'] as const;
const LIST_LIMIT = 50;

interface FilterOptions {
  readonly state?: CredentialState | 'none';
  readonly order?: string;
  readonly target?: string;
  readonly search?: string;
}

const withFilter = (command: Command): Command =>
  command
    .addOption(new Option('--state <state>', 'of the device’s credential').choices(STATES))
    .option('--order <order>', 'devices of this work order')
    .option('--target <name>', 'devices of this target')
    .option('--search <text>', 'the beginning of a device serial, hardware id or certificate serial');

function filterFrom(records: ReadOnlyRecords, options: FilterOptions): DeviceFilter {
  const order = options.order === undefined ? undefined : records.inventory.order(options.order);
  if (options.order !== undefined && order === undefined) {
    throw new StationError('order_unknown', { order: options.order });
  }
  return { state: options.state, orderId: order?.orderId, targetName: options.target, text: options.search };
}

const PASSWORD_WORDS: Readonly<Record<'label' | 'device', string>> = {
  label: 'Password on a label; the hashes are in “keyline password export”',
  device:
    'Username and password in the device; the hashes are in “keyline password export” while the credential is verified',
};

export const inventoryCommand = (): Command => {
  const inventory = new Command('inventory').description('the devices, their credentials and their runs');
  inventory.addHelpText('after', EXAMPLES);
  withFilter(inventory.command('list'))
    .description('list devices')
    .option('--limit <number>', 'at most this many', positiveInteger, LIST_LIMIT)
    .action(
      action((context, options: FilterOptions & { limit: number }) =>
        withRecords(context, (records) => {
          const { output } = context;
          const filter = filterFrom(records, options);
          const shown: DeviceSummary[] = [];
          let more = false;
          for (const summary of records.inventory.eachDevice(filter)) {
            more = shown.length === options.limit;
            if (more) break;
            shown.push(summary);
          }
          if (shown.length === 0) output.say('No device matches.');
          else
            output.table(
              'device',
              LIST_COLUMNS,
              shown.map((summary) => ({ cells: listCells(summary), facts: summary })),
            );
          if (more) output.say(output.paint('dim', `… and more; raise --limit or narrow with --search.`));
          return EXIT.ok;
        }),
      ),
    );
  inventory
    .command('show')
    .description('show one device with its credentials and runs')
    .argument('<device-serial>')
    .action(
      action((context, serialText: string) =>
        withRecords(context, async (records) => {
          const { output } = context;
          const deviceSerial = parseDeviceSerial(serialText);
          const record = records.inventory.deviceRecord(deviceSerial);
          if (record === undefined) throw new StationError('device_unknown', { deviceSerial });
          const { device, credentials, runs } = record;
          const password = records.inventory.passwordHolder(deviceSerial);
          const text = [
            `${output.paint('bold', device.deviceSerial)}   ${device.targetName}   hardware id ${device.hardwareId ?? 'not reported'}   firmware ${device.firmware ?? 'not reported'}`,
            ...(password === undefined ? [] : [PASSWORD_WORDS[password]]),
            ...(await Promise.all(credentials.map((credential) => credentialText(output.paint, credential)))),
            ...runs.map((run) => runText(output.paint, run)),
          ].join('\n\n');
          const facts = { ...device, password, credentials: credentials.map(credentialFacts), runs };
          output.result('device', facts, text);
          return EXIT.ok;
        }),
      ),
    );
  withFilter(inventory.command('export'))
    .description('write devices with their certificates’ facts to a file')
    .addOption(
      new Option('--format <format>', 'csv, or one JSON object per line')
        .choices(['csv', 'json'])
        .default('csv'),
    )
    .option('--out <file>', 'where to; standard output if not given')
    .action(
      action((context, options: FilterOptions & { format: 'csv' | 'json'; out?: string }) =>
        withRecords(context, async (records) => {
          const { output } = context;
          const rows = records.inventory.exportRows(filterFrom(records, options));
          const pieces = options.format === 'csv' ? csvText(EXPORT_COLUMNS, rows) : jsonLines(rows);
          const path = options.out;
          if (path === undefined) {
            for (const piece of pieces) process.stdout.write(piece);
            return EXIT.ok;
          }
          const sizeBytes = await withInterruption(output, (signal) =>
            output.during('Writing', () => writeLinesUntil(signal, path, pieces, 0o600)),
          );
          output.result('exported', { file: path, sizeBytes }, `${output.paint('green', '✔')} ${path}`);
          return EXIT.ok;
        }),
      ),
    );
  inventory
    .command('upgrade')
    .description('bring an inventory that an older Keyline wrote up to date; nothing in it is lost')
    .action(
      action(({ output, folder, operatorName }) => {
        const before = formBefore(folder);
        openRecords(folder, { actor: operatorName }).close();
        output.result(
          'upgraded',
          {
            path: folder.inventory,
            upgraded: before !== undefined,
            ...(before === undefined ? {} : { before }),
          },
          `${output.paint('green', '✔')} ${before === undefined ? 'The inventory was up to date already.' : 'The inventory is up to date.'}`,
        );
        return EXIT.ok;
      }),
    );
  return inventory;
};

/** The older form that the inventory has; undefined where it has today's. */
function formBefore(folder: DataFolder): ErrorDetails[string] {
  try {
    openReadOnlyRecords(folder).close();
    return undefined;
  } catch (thrown) {
    const error = asStationError(thrown);
    if (error.code !== 'inventory_older') throw error;
    return error.details.found;
  }
}

const LIST_COLUMNS = [
  { title: 'Device' },
  { title: 'Hardware id', spare: 3 },
  { title: 'Target', spare: 2 },
  { title: 'Credential' },
  { title: 'Certificate serial', spare: 1 },
  { title: 'Last run' },
  { title: 'When' },
] as const;

const listCells = ({ device, credential, lastRun }: DeviceSummary): readonly string[] => [
  device.deviceSerial,
  device.hardwareId ?? '–',
  device.targetName,
  credential?.state ?? 'none',
  credential?.certificateSerial ?? '–',
  lastRun?.outcome ?? '–',
  lastRun === undefined ? '–' : dateTime(lastRun.startedAtMs),
];

/** Facts for a machine: the certificate as PEM-ready base64, the intermediate bytes left out. */
function credentialFacts(credential: Credential): object {
  const { certificateDer, toBeSigned: _, ...facts } = credential;
  return {
    ...facts,
    certificate: certificateDer === undefined ? undefined : Buffer.from(certificateDer).toString('base64'),
  };
}

async function credentialText(paint: Paint, credential: Credential): Promise<string> {
  const head = `Credential ${credential.certificateSerial}  ${paint('bold', credential.state)}`;
  if (credential.certificateDer === undefined)
    return `${head}${credential.reason ? `  (${credential.reason})` : ''}`;
  const { describeCertificate } = await import('../../core/authority/x509/describeCertificate.ts');
  const facts = describeCertificate(credential.certificateDer);
  return [
    `${head}${credential.reason ? `  (${credential.reason})` : ''}`,
    `  Subject      ${facts.subject}`,
    `  Issuer       ${facts.issuer}`,
    `  Valid        ${dateTime(facts.notBeforeMs)} to ${dateTime(facts.notAfterMs)} UTC`,
    `  Profile      ${credential.profileName} version ${credential.profileVersion}`,
    `  Key custody  ${custodyWords(credential.custody)}`,
    `  SHA-256      ${credential.certificateSha256 ?? '–'}`,
  ].join('\n');
}

function runText(paint: Paint, run: Run): string {
  const head = `Run ${run.runId}  ${run.outcome === undefined ? 'open' : paintOutcome(paint, run.outcome)}  ${dateTime(run.startedAtMs)}  by ${run.operatorName} in ${run.bayName}`;
  const phases = run.phases.map((phase) => [
    `  ${phase.phase}`,
    phase.outcome === undefined ? 'not finished' : phase.outcome,
    phase.endedAtMs === undefined ? '' : seconds(phase.endedAtMs - phase.startedAtMs),
  ]);
  const checks = recordedChecks(run);
  const checked = checks === undefined ? [] : [`  ${checks}`];
  const noise = askedAgainWords(askedAgainCount(run));
  const why = run.failure === undefined ? [] : [`  ${failureWords(run.failure).what}`];
  return [
    head,
    ...why,
    ...checked,
    ...(noise === undefined ? [] : [`  ${noise}`]),
    renderTable(
      paint,
      [{ title: '  Phase' }, { title: 'Outcome' }, { title: 'Time', align: 'right' }],
      phases,
    ),
  ].join('\n');
}

function* jsonLines(rows: Iterable<object>): Generator<string, void, undefined> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}
