// keyline run: a work order over one or more bays in parallel.

import { Command } from 'commander';
import { type DeviceSerial, parseDeviceSerial } from '../../core/domain/device.ts';
import type { OrderId } from '../../core/domain/ids.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { Target } from '../../core/domain/target.ts';
import { NO_LAST_CHECKS } from '../../core/domain/workOrder.ts';
import type { OpenedStation } from '../../core/host/openStation.ts';
import { type Bay, type OrderStep, runOrder } from '../../core/station/orders.ts';
import { createScanLines, type ScanLines } from '../input/scanLines.ts';
import type { Output } from '../output/output.ts';
import { runTable } from '../output/runTable.ts';
import { type BayOption, readBays } from './bayOptions.ts';
import { catalogue } from './catalogue.ts';
import { portFor } from './filePort.ts';
import { confirmedSeal, type LastCheckOptions, rebootCheck, refuseKeyOnDisk } from './lastChecks.ts';
import { withStation } from './opened.ts';
import { action, collect, EXIT, type ExitCode } from './shared.ts';

const EXAMPLES = `
Examples:
  Scan as you go: each line goes to the bay that is asked for
  $ keyline run WO-1234 --port /dev/ttyUSB0 --port /dev/ttyUSB1

  Everything is plugged in already
  $ keyline run WO-1234 --device /dev/ttyUSB0=SN-0001 --device /dev/ttyUSB1=SN-0002

What the order asks for, a check after a restart or a seal, is done without an option here.
A device that fails does not stop its bay. Press Ctrl-C once to stop after recording what happened.
`;

interface RunOptions extends LastCheckOptions {
  readonly port: readonly string[];
  readonly bay: readonly string[];
  readonly device: readonly string[];
  readonly replace?: boolean;
}

export const runCommand = (): Command =>
  new Command('run')
    .description('run a work order over one or more ports, bays in parallel')
    .argument('<order>', 'the order’s name or id')
    .option('--port <path>', 'a bay at this port; repeat it for more bays', collect, [])
    .option('--bay <name=path>', 'a bay with a name of its own', collect, [])
    .option('--device <path=serial>', 'a device that is plugged in already; repeat it for more', collect, [])
    .option('--replace', 'replace credentials that devices already have')
    .option('--key-on-disk', 'allow a target that writes the private key to a file')
    .option('--check-reboot', 'check each device again after a restart')
    .option('--seal', 'lock each device at the end, for good, where it can be')
    .option('--confirm-seal <order>', 'confirms --seal where nobody can be asked')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, orderName: string, options: RunOptions) => {
        const { output, operatorName } = context;
        return withStation(context, {}, async (station, signal) => {
          const order = station.ports.inventory.order(orderName);
          if (order === undefined) throw new StationError('order_unknown', { order: orderName });
          const { target, profile } = catalogue(
            { target: order.targetName, profile: order.profileName },
            context,
          );
          refuseKeyOnDisk(target, options);
          // What the order asks for was confirmed when it was made; the options can only ask for more.
          const asked = order.lastChecks ?? NO_LAST_CHECKS;
          const checkReboot = asked.checkReboot || options.checkReboot === true;
          const seal = asked.seal || (await confirmedSeal(context, options, target, order.name));
          if (asked.seal) output.say(`${order.name} seals each device at the end of its run, for good.`);
          const scans = createScans(output, options);
          try {
            const bays =
              scans === undefined
                ? pluggedBays(options.device)
                : scannedBays(station, order.orderId, options, scans);
            const steps = await runOrder(station.ports, {
              order,
              bays: withPorts(target, bays),
              target,
              profile,
              operatorName,
              site: station.facts.site,
              replace: options.replace === true,
              checkReboot: rebootCheck(context, { checkReboot }),
              seal,
              signal,
              listener: output.run,
            });
            output.settle();
            return summarise(output, station, order.orderId, steps, signal.aborted);
          } finally {
            scans?.close();
          }
        });
      }),
    );

/** The bays' devices, each at the port that its target opens. */
const withPorts = (target: Target, bays: readonly Bay[]): readonly Bay[] =>
  bays.map((bay) => ({
    bayName: bay.bayName,
    async next(signal) {
      const device = await bay.next(signal);
      return device && { ...device, portPath: portFor(target, device.portPath, device.deviceSerial) };
    },
  }));

function createScans(output: Output, options: RunOptions): ScanLines<DeviceSerial> | undefined {
  if (options.device.length > 0) return undefined;
  return createScanLines(process.stdin, {
    ask: (bayName) =>
      output.say(`${output.paint('cyan', '▸')} Scan the device serial for ${bayName} (Ctrl-D when done)`),
    parse: parseDeviceSerial,
    refuse: output.failure,
  });
}

/** `--device path=serial`: each is a bay that does one device. */
function pluggedBays(devices: readonly string[]): readonly Bay[] {
  return devices.map((text, index) => {
    const at = text.lastIndexOf('=');
    if (at < 1) throw new StationError('usage', { reason: `--device takes port=serial, not “${text}”` });
    const device = { portPath: text.slice(0, at), deviceSerial: parseDeviceSerial(text.slice(at + 1)) };
    let done = false;
    return {
      bayName: `bay-${index + 1}`,
      async next() {
        if (done) return undefined;
        done = true;
        return device;
      },
    };
  });
}

function scannedBays(
  station: OpenedStation,
  orderId: OrderId,
  options: RunOptions,
  scans: ScanLines<DeviceSerial>,
): readonly Bay[] {
  return readBays(options.port, options.bay).map(({ bayName, portPath }: BayOption) => ({
    bayName,
    async next(signal) {
      if (station.ports.inventory.progress(orderId).remaining === 0) return undefined;
      const deviceSerial = await scans.next(bayName, signal);
      return deviceSerial === undefined ? undefined : { portPath, deviceSerial };
    },
  }));
}

function summarise(
  output: Output,
  station: OpenedStation,
  orderId: OrderId,
  steps: readonly OrderStep[],
  interrupted: boolean,
): ExitCode {
  const runs = steps.flatMap((step) => (step.kind === 'run' ? [step.run] : []));
  if (!output.json && runs.length > 0) output.say(`\n${runTable(output.paint, runs, output.columns)}`);
  const progress = station.ports.inventory.progress(orderId);
  output.result(
    'order-progress',
    progress,
    `\n${progress.passed} passed, ${progress.remaining} to go${progress.firstPassYield === undefined ? '' : `, first-pass yield ${Math.round(progress.firstPassYield * 100)} %`}`,
  );
  if (interrupted) return EXIT.interrupted;
  if (runs.some((run) => run.outcome === 'error')) return EXIT.stationTrouble;
  if (runs.some((run) => run.outcome !== 'pass')) return EXIT.deviceFailed;
  return steps.some((step) => step.kind === 'refused') ? EXIT.refused : EXIT.ok;
}
