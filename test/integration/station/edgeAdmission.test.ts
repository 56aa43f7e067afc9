// Whom the station's own edge server lets in: the inventory's word decides, at the very next connection.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { monotonicClock } from '../../../core/domain/clock.ts';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import type { Secret } from '../../../core/domain/secret.ts';
import { connectAsDevice } from '../../../core/edge/edgeClient.ts';
import { EDGE_SERVER_NAME } from '../../../core/host/openStation.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { issueCredential } from '../../../core/station/issueCredential.ts';
import { createStationWorld, type StationWorld, shippedProfile } from '../../support/stationWorld.ts';

let world: StationWorld;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(() => world.close());

const values = (serial: string) => ({ deviceSerial: serial, site: 'Test site' });

function issued(serial: string) {
  const { ports } = world.station;
  const deviceSerial = parseDeviceSerial(serial);
  ports.inventory.registerDevice({
    deviceSerial,
    targetName: 'files',
    atMs: ports.clock.nowMs(),
    operatorName: 'tester',
  });
  const { publicKeySpki, privateKeyPkcs8 } = ports.keys.generate('P-256');
  const { certificateDer, issuingDer } = issueCredential(ports, {
    holder: { kind: 'device', deviceSerial },
    profile: shippedProfile(),
    values: values(serial),
    publicKeySpki,
    custody: 'file',
    operatorName: 'tester',
    store: () => {},
  });
  return { deviceSerial, chainDer: [certificateDer, issuingDer], privateKeyPkcs8 };
}

const connect = (credential: { chainDer: readonly Uint8Array[]; privateKeyPkcs8: Secret }) =>
  connectAsDevice({
    host: world.station.edgeServer.host,
    port: world.station.edgeServer.port,
    serverName: EDGE_SERVER_NAME,
    trustAnchorsDer: [world.station.ports.authority.rootDer],
    credential,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    clock: monotonicClock,
    random: systemRandom,
  });

test('a device on record is let in until it is revoked, and its successor in its place', async () => {
  const first = issued('EDGE-1');
  expect((await connect(first)).outcome).toBe('admitted');
  const { inventory, clock } = world.station.ports;
  const live = inventory.liveCredential(first.deviceSerial);
  if (live === undefined) throw new Error('nothing is live');
  inventory.revoke(live.credentialId, 'keyCompromise', 'stolen', clock.nowMs());
  expect(await connect(first)).toMatchObject({
    outcome: 'refused',
    refusal: { by: 'server', code: 'revoked' },
  });
  expect((await connect(issued('EDGE-1'))).outcome).toBe('admitted');
  expect((await connect(first)).refusal?.code).toBe('revoked');
});

test('a certificate of this very authority that is not on record is not let in', async () => {
  const { authority, keys } = world.station.ports;
  const { publicKeySpki, privateKeyPkcs8 } = keys.generate('P-256');
  const certificateSerial = authority.reserveCertificateSerial();
  const { certificateDer, issuingDer } = authority.issue(
    authority.prepare(
      { profile: shippedProfile(), certificateSerial, publicKeySpki, values: values('EDGE-9') },
      undefined,
    ),
  );
  expect(await connect({ chainDer: [certificateDer, issuingDer], privateKeyPkcs8 })).toMatchObject({
    outcome: 'refused',
    refusal: { by: 'server', code: 'unknown' },
  });
});
