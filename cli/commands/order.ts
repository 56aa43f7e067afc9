// keyline order: create, list, show.

import { Command } from 'commander';
import { orderTarget } from '../../core/application/orderTarget.ts';
import { systemClock } from '../../core/domain/clock.ts';
import type { DeviceSerial } from '../../core/domain/device.ts';
import { requireCustody } from '../../core/domain/orderRules.ts';
import { parseSerialList } from '../../core/domain/serialList.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { WorkOrder, WorkOrderProgress } from '../../core/domain/workOrder.ts';
import { openRecords } from '../../core/host/openRecords.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { isTargetPath } from '../../core/link/targetFile.ts';
import { createOrder } from '../../core/station/orders.ts';
import { rowProblemWords } from '../output/failureWords.ts';
import type { Output } from '../output/output.ts';
import { tellRecovery } from '../output/recovery.ts';
import { catalogue } from './catalogue.ts';
import {
  addCredentialOptions,
  type CredentialOptions,
  passwordPolicyOf,
  policyWords,
} from './credentialOptions.ts';
import { readInput } from './files.ts';
import { type LastCheckOptions, orderedChecks } from './lastChecks.ts';
import { withRecords } from './opened.ts';
import { action, dateTime, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline order create WO-1234 --quantity 200
  $ keyline order create WO-1235 --serials devices.csv --profile tls-client
  $ keyline order create WO-1236 --quantity 50 --target our-board --check-reboot --seal
  $ keyline order create WO-1237 --quantity 50 --target mcumgr --credential certificate-and-password
  $ keyline order list
  $ keyline order show WO-1235

With certificate-and-password each device also gets its device serial as username and a password of its own. The station keeps
only what brokers check it by; “keyline password export” writes their files.
`;

interface CreateOptions extends LastCheckOptions, CredentialOptions {
  readonly quantity?: number;
  readonly serials?: string;
  readonly target: string;
  readonly profile: string;
}

export const orderCommand = (): Command => {
  const order = new Command('order').description('work orders: which devices, how many, under which profile');
  order.addHelpText('after', EXAMPLES);
  addCredentialOptions(
    order
      .command('create')
      .description('create a work order')
      .argument('<name>', 'what the shop floor calls it')
      .option('--quantity <number>', 'how many devices, whatever their serials', positiveInteger)
      .option('--serials <file>', 'a file with one device serial per line (a CSV’s first column)')
      .option('--target <name>', 'what kind of device', 'zephyr-shell')
      .option('--profile <name>', 'what the certificates contain', 'tls-client'),
  )
    .option('--check-reboot', 'each run checks its device again after a restart')
    .option('--seal', 'each run locks its device at the end, for good')
    .option('--confirm-seal <order>', 'confirms --seal where nobody can be asked')
    .action(
      action(async (context, name: string, options: CreateOptions) => {
        const { output, folder, operatorName } = context;
        const deviceSerials = options.serials === undefined ? [] : readSerials(options.serials);
        if (deviceSerials.length === 0 && options.quantity === undefined) {
          throw new StationError('usage', { reason: 'give --quantity or --serials' });
        }
        if (isTargetPath(options.target)) {
          // A run looks the target up by its name, on whatever day it is.
          throw new StationError('usage', {
            reason: 'a work order takes a target by name; import the file in the window, or see --targets',
          });
        }
        const { target, profile } = catalogue(options, context);
        requireCustody(orderTarget(target), profile);
        const passwordPolicy = passwordPolicyOf(options);
        const lastChecks = await orderedChecks(context, options, target, name);
        const records = openRecords(folder, { actor: operatorName });
        try {
          tellRecovery(output, records.recovered);
          const ports = { inventory: records.inventory, clock: systemClock, random: systemRandom };
          const quantity = options.quantity ?? deviceSerials.length;
          const made = createOrder(ports, {
            ...{ name, target, profile, quantity, deviceSerials, lastChecks, passwordPolicy },
          });
          output.result(
            'order-created',
            made,
            `${output.paint('green', '✔')} ${made.name}: ${made.quantity} devices to do.`,
          );
          return EXIT.ok;
        } finally {
          records.close();
        }
      }),
    );
  order
    .command('list')
    .description('list the work orders')
    .action(
      action((context) =>
        withRecords(context, ({ inventory }) => {
          const { output } = context;
          const orders = inventory.orders();
          if (orders.length === 0)
            output.say('There is no work order yet. Make one with: keyline order create');
          else showOrders(output, orders, (one) => inventory.progress(one.orderId));
          return EXIT.ok;
        }),
      ),
    );
  order
    .command('show')
    .description('show one work order and what is left of it')
    .argument('<order>', 'its name or id')
    .action(
      action((context, idOrName: string) =>
        withRecords(context, ({ inventory }) => {
          const found = inventory.order(idOrName);
          if (found === undefined) throw new StationError('order_unknown', { order: idOrName });
          const progress = inventory.progress(found.orderId);
          const remaining = inventory.remainingSerials(found.orderId);
          context.output.result(
            'order',
            { ...found, ...progress, remainingSerials: remaining },
            describe(found, progress, remaining),
          );
          return EXIT.ok;
        }),
      ),
    );
  return order;
};

const SHOWN_PROBLEMS = 5;

/** The device serials of a list, every one of them or none: `file_invalid` names the rows that are wrong. */
function readSerials(path: string): readonly DeviceSerial[] {
  const { deviceSerials, problems } = parseSerialList(readInput(path));
  const refuse = (what: string): never => {
    throw new StationError('file_invalid', { reason: `${path}: ${what}` });
  };
  const told = problems
    .slice(0, SHOWN_PROBLEMS)
    .map((one) => `row ${one.row}, “${one.value}”, ${rowProblemWords(one)}`);
  const more = problems.length - told.length;
  if (told.length > 0) refuse(`${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
  if (deviceSerials.length === 0) refuse('it holds no device serial');
  return deviceSerials;
}

function showOrders(
  output: Output,
  orders: readonly WorkOrder[],
  progressOf: (order: WorkOrder) => WorkOrderProgress,
): void {
  output.table(
    'order',
    [
      { title: 'Order' },
      { title: 'Target', spare: 3 },
      { title: 'Profile', spare: 2 },
      { title: 'Passed', align: 'right' },
      { title: 'To go', align: 'right' },
      { title: 'Created', spare: 1 },
    ],
    orders.map((order) => {
      const progress = progressOf(order);
      return {
        cells: [
          order.name,
          order.targetName,
          order.profileName,
          String(progress.passed),
          String(progress.remaining),
          dateTime(order.createdAtMs),
        ],
        facts: { ...order, deviceSerials: order.deviceSerials.length, ...progress },
      };
    }),
  );
}

const SHOWN_SERIALS = 20;

function describe(order: WorkOrder, progress: WorkOrderProgress, remaining: readonly string[]): string {
  const shown = remaining.slice(0, SHOWN_SERIALS).join(', ');
  const more = remaining.length > SHOWN_SERIALS ? ` and ${remaining.length - SHOWN_SERIALS} more` : '';
  return [
    `${order.name}   ${order.targetName} with ${order.profileName}, created ${dateTime(order.createdAtMs)}`,
    `  ${progress.passed} of ${order.quantity} passed in ${progress.runs} runs; ${progress.remaining} to go`,
    ...(order.passwordPolicy === undefined
      ? []
      : [`  Each device also gets a password: ${policyWords(order.passwordPolicy)}`]),
    ...(order.lastChecks?.checkReboot === true ? ['  Each device is checked again after a restart'] : []),
    ...(order.lastChecks?.seal === true ? ['  Each device is sealed at the end, for good'] : []),
    ...(remaining.length > 0 ? [`  Left: ${shown}${more}`] : []),
  ].join('\n');
}
