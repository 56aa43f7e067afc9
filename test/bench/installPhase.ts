// How close the install phase comes to what the serial line itself allows, through a real pseudo-terminal.
//
// The limit: every byte that is sent is echoed while the next ones are sent, so the line is full duplex busy; what cannot
// overlap is the rest of the replies. That is bytes sent + (bytes received - bytes sent), at ten bits a byte. Bytes are counted at
// the port, everything included: commands, echoes, prompts, what was sent again. The goal is at most 1.5 times the limit.

import type { InstallMaterial } from '../../core/domain/install.ts';
import type { JsonObject } from '../../core/domain/run.ts';
import { drivers } from '../../core/host/drivers.ts';
import { createLink, type OpenTransport } from '../../core/link/driverRegistry.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import type { BuildName } from '../../core/simulator/build.ts';
import { simulatorEntryPath } from '../../core/simulator/host/entryPath.ts';
import { spawnSimulator } from '../../core/simulator/host/spawnSimulator.ts';
import { median, printRows } from './measure.ts';
import { materialMaker, TARGETS } from './station.ts';

const RUNS = 7;
const BITS_PER_BYTE = 10;
const BUILDS: readonly BuildName[] = ['default', 'polled', 'minimal', 'immediate', 'big', 'no-digest'];

interface Figures {
  readonly seconds: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly resends: number;
}

export async function benchInstallPhase(): Promise<void> {
  const target = loadTargets(TARGETS, drivers).target('zephyr-shell');
  const { baudRate } = target.line;
  const makeMaterial = materialMaker();
  const rows: string[][] = [];
  for (const build of BUILDS) {
    const figures: Figures[] = [];
    for (let run = 0; run < RUNS; run += 1) figures.push(await installOnce(build, makeMaterial()));
    const seconds = median(figures.map((one) => one.seconds));
    const limits = figures.map(
      (one) => (Math.max(one.sentBytes, one.receivedBytes) * BITS_PER_BYTE) / baudRate,
    );
    const ratios = figures.map((one, index) => one.seconds / (limits[index] ?? 1));
    const sentOnly = figures.map((one) => one.seconds / ((one.sentBytes * BITS_PER_BYTE) / baudRate));
    rows.push([
      build,
      String(median(figures.map((one) => one.sentBytes))),
      String(median(figures.map((one) => one.receivedBytes))),
      median(limits).toFixed(3),
      seconds.toFixed(3),
      median(ratios).toFixed(2),
      `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
      median(sentOnly).toFixed(2),
      String(figures.reduce((sum, one) => sum + one.resends, 0)),
    ]);
  }
  printRows(
    `Install phase at ${baudRate} baud, CA + certificate + key on P-256, median of ${RUNS}`,
    [
      'build',
      'sent B',
      'received B',
      'limit s',
      'took s',
      'took/limit',
      'min–max',
      'took/sent alone',
      'bytes lost and sent again',
    ],
    rows,
  );
}

async function installOnce(build: BuildName, material: InstallMaterial): Promise<Figures> {
  const target = loadTargets(TARGETS, drivers).target('zephyr-shell');
  const simulator = await spawnSimulator({
    entryPath: simulatorEntryPath,
    device: { build, backend: 'protected', lineRate: target.line.baudRate },
  });
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
  try {
    const session = await createLink({ drivers, openTransport }).open({
      portPath: simulator.path,
      target,
      transcript: { write: () => {} },
      signal: new AbortController().signal,
    });
    try {
      await session.identify();
      const plan = session.plan(material);
      sentBytes = 0;
      receivedBytes = 0;
      const startedAtMs = performance.now();
      const evidence = await session.install(plan, { replace: false, onProgress: () => {} });
      const seconds = (performance.now() - startedAtMs) / 1000;
      const figures = { seconds, sentBytes, receivedBytes, resends: resendsIn(evidence) };
      await session.verify(plan);
      return figures;
    } finally {
      await session.close();
    }
  } finally {
    await simulator.stop();
  }
}

/** How often an item had to be sent again because a byte was lost. */
function resendsIn(evidence: JsonObject): number {
  const items = Array.isArray(evidence.items) ? evidence.items : [];
  return items.reduce((sum: number, item) => sum + Number((item as JsonObject).resends ?? 0), 0);
}
