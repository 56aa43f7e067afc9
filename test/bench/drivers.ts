// Install seconds per device for every driver, beside what the line itself allows, through a real pseudo-terminal.
//
// The limit: the bytes of the busier direction at ten bits each, and the simulated device's own time. What goes beyond it is
// told apart by a meter on the line: directions that did not overlap (carrying), and what the station took (its pauses, where the
// target demands them, included). A simulated device computes, erases and stores in next to no time; a real one adds its own.

import type { InstallMaterial } from '../../core/domain/install.ts';
import { drivers } from '../../core/host/drivers.ts';
import { createLink, type OpenTransport } from '../../core/link/driverRegistry.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { type SimulatedFamily, simulatedFamilies } from '../../core/simulator/families.ts';
import { plugInFamily } from '../../core/simulator/host/familyPort.ts';
import { LineMeter, type LineTimes } from './lineMeter.ts';
import { median, printRows } from './measure.ts';
import { type MaterialMaker, materialMaker, TARGETS } from './station.ts';

const RUNS = 3;
const BITS_PER_BYTE = 10;
const FAST_BAUD_RATE = 921_600;

interface Figures {
  readonly installSeconds: number;
  readonly wholeSeconds: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly line: LineTimes;
}

/** All drivers, or only those of the named targets. */
export async function benchDrivers(targetNames: readonly string[] = []): Promise<void> {
  const makeMaterial = materialMaker();
  const rows: string[][] = [];
  for (const family of simulatedFamilies) {
    if (targetNames.length > 0 && !targetNames.includes(family.targetName)) continue;
    const { baudRate } = loadTargets(TARGETS, drivers).target(family.targetName).line;
    const rates = family.targetName.startsWith('esp32') ? [baudRate, FAST_BAUD_RATE] : [baudRate];
    for (const rate of rates) {
      const figures: Figures[] = [];
      for (let unit = 1; unit <= RUNS; unit += 1) {
        // A machine that is busy with something else may be too slow for a loader's short patience: counted, not hidden.
        const one = await provisionOnce(family, unit, rate, makeMaterial).catch(() => undefined);
        if (one !== undefined) figures.push(one);
      }
      rows.push([...rowOf(family.targetName, rate, figures), String(RUNS - figures.length)]);
    }
  }
  printRows(
    `Install phase of every driver, P-256, median of ${RUNS} devices`,
    [
      'target',
      'baud',
      'sent B',
      'received B',
      'line s',
      'device s',
      'took s',
      'took/limit',
      'turns',
      'carrying s',
      'station s',
      'open to verified s',
      'failed',
    ],
    rows,
  );
}

function rowOf(targetName: string, baudRate: number, figures: readonly Figures[]): string[] {
  const middle = (of: (one: Figures) => number): number => median(figures.map(of));
  const device = middle((one) => one.line.deviceMs / 1000);
  const line = middle((one) => (Math.max(one.sentBytes, one.receivedBytes) * BITS_PER_BYTE) / baudRate);
  const limit = line + device;
  const took = middle((one) => one.installSeconds);
  return [
    targetName,
    String(baudRate),
    String(middle((one) => one.sentBytes)),
    String(middle((one) => one.receivedBytes)),
    line.toFixed(3),
    device.toFixed(3),
    took.toFixed(3),
    (took / limit).toFixed(2),
    String(middle((one) => one.line.turns)),
    (middle((one) => one.line.carryingMs) / 1000).toFixed(3),
    (middle((one) => one.line.stationMs) / 1000).toFixed(3),
    middle((one) => one.wholeSeconds).toFixed(3),
  ];
}

async function provisionOnce(
  family: SimulatedFamily,
  unit: number,
  baudRate: number,
  makeMaterial: MaterialMaker,
): Promise<Figures> {
  const target = loadTargets(TARGETS, drivers).target(family.targetName);
  const meter = new LineMeter();
  const port = await plugInFamily(meter.around(family.newDevice(unit), baudRate));
  let sentBytes = 0;
  let receivedBytes = 0;
  const openTransport: OpenTransport = async (request) => {
    const transport = await openSerialTransport(request);
    transport.onData((bytes) => {
      receivedBytes += bytes.length;
    });
    return {
      ...transport,
      write: (bytes) => {
        sentBytes += bytes.length;
        return transport.write(bytes);
      },
    };
  };
  const openedAtMs = performance.now();
  try {
    const session = await createLink({ drivers, openTransport }).open({
      portPath: port.path,
      target,
      transcript: { write: () => {} },
      signal: new AbortController().signal,
    });
    try {
      const identity = await session.identify();
      const onDevice = identity.custodyOffered[0] === 'on-device';
      const made = onDevice ? await session.generateKey?.('P-256', { replace: false }) : undefined;
      const material: InstallMaterial = makeMaterial(made?.publicKeySpki);
      const plan = session.plan(material);
      sentBytes = 0;
      receivedBytes = 0;
      const startedAtMs = performance.now();
      meter.start();
      await session.install(plan, { replace: false, onProgress: () => {} });
      const installSeconds = (performance.now() - startedAtMs) / 1000;
      const counted = { sentBytes, receivedBytes, line: meter.stop() };
      await session.verify(plan);
      return { installSeconds, wholeSeconds: (performance.now() - openedAtMs) / 1000, ...counted };
    } finally {
      await session.close();
    }
  } finally {
    await port.unplug();
  }
}
