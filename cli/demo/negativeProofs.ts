// The proofs that the wrong ones are kept out: each is a real connection that must fail, and for the right reason.

import { systemClock } from '../../core/domain/clock.ts';
import { connectAsDevice } from '../../core/edge/edgeClient.ts';
import { EDGE_SERVER_NAME, type OpenedStation } from '../../core/host/openStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { RunResult } from '../../core/station/events.ts';
import { revokeDevice } from '../../core/station/revocation.ts';
import type { Output } from '../output/output.ts';
import type { Checks } from './checks.ts';
import { DEMO_OPERATOR, foreignStationFolder, makeDemoStation, openDemoStation } from './demoStation.ts';
import type { FleetDevice } from './fleet.ts';
import { demoProfile } from './provisioning.ts';

const TIMEOUT_MS = 10_000;

interface Scene {
  readonly station: OpenedStation;
  readonly devices: readonly FleetDevice[];
  readonly runs: readonly RunResult[];
  /** Holds a certificate that has expired, and the run that gave it to it. */
  readonly expired: { readonly device: FleetDevice; readonly run: RunResult };
  readonly folder: string;
  readonly checks: Checks;
  readonly signal: AbortSignal;
  readonly output: Output;
}

export async function proveNegatives(scene: Scene): Promise<void> {
  const { station, devices, runs, expired, folder, checks, signal, output } = scene;
  const edge = { host: station.edgeServer.host, port: station.edgeServer.port, serverName: EDGE_SERVER_NAME };
  const connect = {
    ...edge,
    trustAnchorsDer: [station.ports.authority.rootDer],
    timeoutMs: TIMEOUT_MS,
    signal,
    clock: systemClock,
    random: systemRandom,
  };

  const nobody = await seenBy(station, () => connectAsDevice({ ...connect, credential: undefined }));
  checks.expect(
    'a device without a certificate is refused',
    nobody.result.outcome === 'refused' && nobody.seen === 'no-certificate',
    nobody.seen,
  );

  const late = await seenBy(station, () => expired.device.boot(edge));
  const lateInRun = expired.run.failure?.details.code;
  checks.expect(
    'a device with an expired certificate is refused',
    !late.result.admitted && late.seen === 'expired' && lateInRun === 'expired',
    late.seen,
  );

  const foreign = await output.during('Making another site’s station', () => {
    makeDemoStation(foreignStationFolder(folder), 'Another site');
    return openDemoStation(foreignStationFolder(folder));
  });
  try {
    const intruder = await seenBy(station, () =>
      connectAsDevice({ ...connect, credential: foreignCredential(foreign) }),
    );
    checks.expect(
      'a device with a certificate of another CA is refused',
      intruder.result.outcome === 'refused' && intruder.seen === 'unknown-authority',
      intruder.seen,
    );
    const { host, port } = foreign.edgeServer;
    const lured = await devices[0]?.boot({ host, port, serverName: EDGE_SERVER_NAME });
    checks.expect(
      'a device that meets an edge server of another CA refuses it',
      lured !== undefined && !lured.admitted && lured.refused === 'server-untrusted',
      lured === undefined || lured.admitted ? undefined : lured.refused,
    );
  } finally {
    await foreign.close();
  }

  const victim = runs[0];
  if (victim === undefined) return checks.expect('a device to revoke', false);
  revokeDevice(station.ports, {
    deviceSerial: victim.deviceSerial,
    reason: 'keyCompromise',
    operatorName: DEMO_OPERATOR,
  });
  const revoked = await seenBy(station, async () => devices[0]?.boot(edge));
  checks.expect(
    'a device whose certificate is revoked in the inventory is refused',
    revoked.result?.admitted === false && revoked.seen === 'revoked',
    revoked.seen,
  );
}

/**
 * What the edge server saw of one connection, beside what the device says of it. The server counts: over TLS 1.3 a refused
 * client may see no more than a closed connection.
 */
async function seenBy<T>(
  station: OpenedStation,
  connectOnce: () => Promise<T>,
): Promise<{ result: T; seen: string }> {
  let stop = (): void => {};
  const seen = new Promise<string>((resolve) => {
    stop = station.edgeServer.observe(({ refusal }) => resolve(refusal?.code ?? 'admitted'));
  });
  try {
    const result = await connectOnce();
    return { result, seen: await Promise.race([seen, timeOut()]) };
  } finally {
    stop();
  }
}

const timeOut = (): Promise<string> =>
  new Promise((resolve) => {
    setTimeout(() => resolve('nothing'), TIMEOUT_MS).unref();
  });

/** A client certificate that another site's authority signed for a device that we know. */
function foreignCredential(foreign: OpenedStation) {
  const { authority, keys } = foreign.ports;
  const key = keys.generate(demoProfile.keyAlgorithm);
  const prepared = authority.prepare(
    {
      profile: demoProfile,
      certificateSerial: authority.reserveCertificateSerial(),
      publicKeySpki: key.publicKeySpki,
      values: { deviceSerial: 'DEMO-0001', site: 'Another site' },
    },
    undefined,
  );
  return { chainDer: [authority.issue(prepared).certificateDer], privateKeyPkcs8: key.privateKeyPkcs8 };
}
