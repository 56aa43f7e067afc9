// The demo's story: a station, eight devices in four bays, every device connecting by itself, and the proofs that the wrong
// ones are kept out.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EDGE_SERVER_NAME, type OpenedStation } from '../../core/host/openStation.ts';
import type { Output } from '../output/output.ts';
import { runTable } from '../output/runTable.ts';
import { type Checks, createChecks } from './checks.ts';
import { DAY_MS, makeDemoStation, openDemoStation } from './demoStation.ts';
import { type Fleet, type FleetDevice, startFleet } from './fleet.ts';
import { proveNegatives } from './negativeProofs.ts';
import { demoTarget, provisionAll, provisionForOneDay } from './provisioning.ts';

const DEVICE_COUNT = 8;
const BAY_COUNT = 4;
const SERVER_REPORT_TIMEOUT_MS = 30_000;

export interface DemoRequest {
  /** Empty; everything is made in it and stays there. */
  readonly folder: string;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly start?: typeof startFleet;
}

/** Runs the demo; true when everything was as it should be. Rejects with what aborted the signal. */
export async function runDemo({ folder, output, signal, start = startFleet }: DemoRequest): Promise<boolean> {
  const startedAtMs = performance.now();
  const stationRoot = join(folder, 'station');
  const devicesFolder = join(folder, 'devices');
  mkdirSync(devicesFolder, { recursive: true, mode: 0o700 });
  const checks = createChecks(output);
  const title = (text: string): void => {
    signal.throwIfAborted();
    output.say(`\n${output.paint('bold', text)}`);
  };

  title('1  A station with its own authority');
  const made = await output.during('Making the root CA and the issuing CA', () =>
    makeDemoStation(stationRoot, 'Demo site'),
  );
  output.say(`  Root CA     ${made.rootSha256}\n  Issuing CA  ${made.issuingSha256}`);

  title(`2  ${DEVICE_COUNT} simulated devices`);
  const fleet = await output.during('Switching them on', () =>
    start(DEVICE_COUNT + 1, devicesFolder, Number(demoTarget.options.securityTag)),
  );
  let station: OpenedStation | undefined;
  try {
    output.say(`  Zephyr boards at ${demoTarget.line.baudRate} baud, ${fleet.kind}.`);
    const devices = fleet.devices.slice(0, DEVICE_COUNT);
    const expired = await output.during('Giving one more a certificate that ended nine days ago', () =>
      prepareExpired(stationRoot, fleet, signal),
    );
    station = await output.during('Opening the station', () =>
      openDemoStation(stationRoot, fleet.openTransport),
    );

    title(`3  Provisioning in ${BAY_COUNT} bays`);
    const runs = await provisionAll(station, devices, BAY_COUNT, signal, output.run);
    output.settle();
    signal.throwIfAborted();
    const passed = runs.filter((run) => run.outcome === 'pass').length;
    checks.expect(`${passed} of ${DEVICE_COUNT} devices hold a verified credential`, passed === DEVICE_COUNT);

    title('4  Every device restarts and connects by itself');
    await bootAll(station, devices, checks, output);

    title('5  The wrong ones are kept out');
    await proveNegatives({ station, devices, runs, expired, folder, checks, signal, output });

    title('6  The record');
    checkRecord(station, checks);

    output.result('runs', { runs }, `\n${runTable(output.paint, runs, output.columns)}`);
    tellPlaces(output, stationRoot, devicesFolder);
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    const asExpected = checks.allHeld();
    output.result(
      'demo',
      { asExpected, seconds: Number(seconds), folder },
      asExpected
        ? `\n${output.paint('green', '✔')} Everything is as it should be, in ${seconds} s.`
        : `\n${output.paint('red', '✘')} Not everything is as it should be: see above.`,
    );
    return asExpected;
  } finally {
    output.settle();
    await station?.close();
    await fleet.stop();
  }
}

/** The last device of the fleet gets a one-day certificate from the same station, ten days ago. */
async function prepareExpired(stationRoot: string, fleet: Fleet, signal: AbortSignal) {
  const device = fleet.devices[DEVICE_COUNT];
  if (device === undefined) throw new Error('the fleet is one device short');
  const past = await openDemoStation(stationRoot, fleet.openTransport, 10 * DAY_MS);
  try {
    return { device, run: await provisionForOneDay(past, device, signal) };
  } finally {
    await past.close();
  }
}

async function bootAll(
  station: OpenedStation,
  devices: readonly FleetDevice[],
  checks: Checks,
  output: Output,
): Promise<void> {
  const { host, port } = station.edgeServer;
  const server = countAdmissions(station, devices.length);
  const results = await output.during('Restarting them', () =>
    Promise.all(devices.map((device) => device.boot({ host, port, serverName: EDGE_SERVER_NAME }))),
  );
  for (const [index, result] of results.entries()) {
    const name = `DEMO-${String(index + 1).padStart(4, '0')}`;
    const detail = result.admitted
      ? `${result.protocol} ${result.cipher}, ${result.bytesWritten} bytes out, ${result.bytesRead} in, ${result.durationMs} ms`
      : `${result.refused}: ${result.why}`;
    checks.expect(`${name} is admitted`, result.admitted, detail);
  }
  checks.expect('the edge server says the same', (await server) === devices.length);
}

/** How many of the next `connections` the edge server admitted, once it has reported them all. */
function countAdmissions(station: OpenedStation, connections: number): Promise<number> {
  return new Promise((resolve) => {
    let seen = 0;
    let admitted = 0;
    const finish = (): void => {
      clearTimeout(patience);
      stop();
      resolve(admitted);
    };
    const patience = setTimeout(finish, SERVER_REPORT_TIMEOUT_MS);
    const stop = station.edgeServer.observe(({ refusal }) => {
      seen += 1;
      if (refusal === undefined) admitted += 1;
      if (seen === connections) finish();
    });
  });
}

function checkRecord(station: OpenedStation, checks: Checks): void {
  const audit = station.ports.inventory.verifyAudit();
  checks.expect(
    'the audit log is intact',
    audit.intact,
    audit.intact ? `${audit.entries} entries` : audit.why,
  );
  const violations = station.ports.inventory.checkInvariants({ settled: true });
  checks.expect('every invariant of the inventory holds', violations.length === 0, violations[0]?.detail);
}

function tellPlaces(output: Output, stationRoot: string, devicesFolder: string): void {
  output.say(
    [
      '',
      `  Station     ${stationRoot}`,
      `  Devices     ${devicesFolder}`,
      '',
      '  Look around:',
      ...['inventory list', 'inventory show DEMO-0002', 'transcript show DEMO-0002', 'audit verify'].map(
        (command) => `  npm run keyline -- --data ${stationRoot} ${command}`,
      ),
    ].join('\n'),
  );
}
