// Every family through the whole issuance cycle: the real station, the shipped target, a simulated device behind a real
// pseudo-terminal. What the record says of custody and check must be what was really possible.

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../core/domain/run.ts';
import type { VerificationCheck } from '../../../core/domain/verification.ts';
import { targetStrength } from '../../../core/host/targetStrength.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { type FamilyPort, plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import { AtHost, defaultAtHost } from '../../../core/simulator/nrf91/atHost.ts';
import { defaultModem, Modem } from '../../../core/simulator/nrf91/modem.ts';
import {
  createStationWorld,
  type StationWorld,
  shippedProfile,
  shippedTarget,
  shippedTargets,
} from '../../support/stationWorld.ts';

/** What each family can show of certificate and key. */
const CHECKS: Readonly<Record<string, readonly [VerificationCheck, VerificationCheck]>> = {
  nrf91: ['device-digest', 'proof-of-possession'],
  'nrf-cloud-cred': ['device-digest', 'proof-of-possession'],
  'freertos-pki': ['read-back', 'proof-of-possession'],
  mcumgr: ['device-digest', 'device-digest'],
  micropython: ['device-digest', 'device-digest'],
  'esp32-secure-cert': ['read-back', 'read-back'],
  'esp32-nvs': ['read-back', 'read-back'],
  ublox: ['device-digest', 'device-digest'],
  quectel: ['read-back', 'read-back'],
  'simcom-a76': ['impossible', 'impossible'],
  'simcom-sim70': ['read-back', 'read-back'],
  'sierra-hl78': ['length-only', 'length-only'],
  'esp-at': ['read-back', 'read-back'],
};
const ON_DEVICE = ['nrf91', 'nrf-cloud-cred', 'freertos-pki'];

let world: StationWorld;
const ports: FamilyPort[] = [];
let unit = 0;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(async () => {
  await Promise.all(ports.map((port) => port.unplug()));
  await world.close();
});

async function plugIn(targetName: string): Promise<FamilyPort> {
  const family = simulatedFamilies.find((one) => one.targetName === targetName);
  if (family === undefined) throw new Error(`no simulated ${targetName}`);
  unit += 1;
  const port = await plugInFamily(family.newDevice(unit));
  ports.push(port);
  return port;
}

const phaseOf = (runId: Parameters<typeof world.station.ports.inventory.run>[0], phase: string): JsonObject =>
  world.station.ports.inventory.run(runId)?.phases.find((one) => one.phase === phase)?.evidence ?? {};

test('every shipped target has a simulated device, and the other way round', () => {
  expect(simulatedFamilies.map(({ targetName }) => targetName).sort()).toEqual(
    shippedTargets
      .filter(({ name, driver }) => name !== 'zephyr-shell' && driver !== 'files')
      .map(({ name }) => name)
      .sort(),
  );
});

describe.each(simulatedFamilies.map(({ targetName }) => targetName))('%s', (targetName) => {
  const onDevice = ON_DEVICE.includes(targetName);

  test('is provisioned, checked as strongly as it can be, and leaves the port free', async () => {
    const { path } = await plugIn(targetName);
    const target = shippedTarget(targetName);
    const serial = `FAM-${targetName}`;
    const result = await world.run({ serial, portPath: path, target });
    expect(result.failure).toBeUndefined();
    expect(result.outcome).toBe('pass');
    expect(result.custody).toBe(onDevice ? 'on-device' : 'station-memory');
    const strengthOf = (item: string): string | undefined =>
      result.verification.find((one) => one.item === item)?.check;
    expect([strengthOf('certificate'), strengthOf('privateKey')]).toEqual(CHECKS[targetName]);
    // What `keyline target list` promises is what the run showed.
    const { custody, certificates, key } = targetStrength(target);
    expect([certificates, key]).toEqual(CHECKS[targetName]);
    expect(custody[0]).toBe(result.custody);

    const { inventory } = world.station.ports;
    const credential = inventory.liveCredential(result.deviceSerial);
    expect(credential).toMatchObject({ state: 'verified', custody: result.custody });
    const verify = phaseOf(result.runId, 'verify');
    if (onDevice) {
      expect(result.handshake).toBeUndefined();
      expect(verify).toMatchObject({ handshake: null, handshakeLeftOut: 'key on the device' });
      expect(phaseOf(result.runId, 'key')).toMatchObject({ custody: 'on-device', proof: 'signed-request' });
      expect(Object.keys(credential?.storedDigests ?? {}).sort()).toEqual(['ca', 'certificate']);
    } else {
      expect(result.handshake?.protocol).toBe('TLSv1.3');
      expect(result.handshake?.peerCertificateSha256).toBe(credential?.certificateSha256);
    }
    const transcript = readFileSync(join(world.root, 'transcripts', `${result.runId}.log`), 'latin1');
    expect(transcript).not.toMatch(/BEGIN (EC )?PRIVATE KEY/);

    // The port was given back: a second run meets the credential, not a busy port.
    const again = await world.run({ serial, portPath: path, target });
    expect(again.failure?.code).toBe('already_provisioned');
    const replaced = await world.run({ serial, portPath: path, target, replace: true });
    expect(replaced.failure).toBeUndefined();
    expect(inventory.credential(credential?.credentialId ?? never())?.state).toBe('revoked');
    expect(inventory.liveCredential(result.deviceSerial)?.certificateSerial).toBe(replaced.certificateSerial);
  });

  test('keeps to a profile that demands a key made on the device', async () => {
    const { path } = await plugIn(targetName);
    const profile = { ...shippedProfile(), keyCustody: 'on-device' as const };
    const serial = `DEMAND-${targetName}`;
    const result = await world.run({ serial, portPath: path, target: shippedTarget(targetName), profile });
    if (onDevice) {
      expect(result.outcome).toBe('pass');
      expect(result.custody).toBe('on-device');
    } else {
      expect(result.failure).toMatchObject({
        code: 'custody_not_offered',
        details: { demanded: 'on-device', offered: 'station-memory' },
      });
      // Nothing was written: the next station finds the slot empty.
      const blank = await world.run({ serial, portPath: path, target: shippedTarget(targetName) });
      expect(phaseOf(blank.runId, 'identify')).toMatchObject({ slot: 'blank' });
    }
  });
});

test.each([
  ['of old firmware, with the NULL parameter', 'mfw_nrf9160_1.3.2', true],
  ['of new firmware, without it', 'mfw_nrf91x1_2.0.2', false],
])(
  'a modem’s request %s is verified, signed by the authority and installed',
  async (_, firmware, nullParameter) => {
    const keygenForm = { ...defaultModem.keygenForm, nullParameter };
    const contentLineEnd = nullParameter ? 'crlf' : 'lf';
    const imei = `35265611000000${nullParameter ? 1 : 2}`;
    const modem = new Modem({ ...defaultModem, imei, firmware, keygenForm, contentLineEnd });
    const port = await plugInFamily((send) => new AtHost(modem, defaultAtHost, send));
    ports.push(port);
    const serial = `NULL-${nullParameter}`;
    const result = await world.run({ serial, portPath: port.path, target: shippedTarget('nrf91') });
    expect(result.failure).toBeUndefined();
    expect(result.custody).toBe('on-device');
    const evidence = phaseOf(result.runId, 'key');
    expect(evidence).toMatchObject({ nullParameter, proof: 'signed-request' });
    const { authority, inventory } = world.station.ports;
    const { certificateDer } = inventory.liveCredential(result.deviceSerial) ?? {};
    const certificate = new X509Certificate(certificateDer ?? new Uint8Array());
    expect(certificate.verify(new X509Certificate(authority.issuingDer).publicKey)).toBe(true);
    // For the very key that the modem made, and in its slot as its firmware wants lines to end.
    const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
    expect(createHash('sha256').update(spki).digest('hex')).toBe(evidence.publicKeySha256);
    const pem = certificate.toString().replaceAll('\n', nullParameter ? '\r\n' : '\n');
    expect(modem.digests.get('16842753,1')).toBe(createHash('sha256').update(pem).digest('hex'));
  },
);

test('files are written with their custody on record, and the key in them opens the edge server', async () => {
  const portPath = join(world.root, '..', 'for-other-tools', 'FILE-1');
  const target = shippedTarget('files');
  const result = await world.run({ serial: 'FILE-1', portPath, target });
  expect(result.failure).toBeUndefined();
  expect(result).toMatchObject({ custody: 'file', handshake: { protocol: 'TLSv1.3' } });
  expect(world.station.ports.inventory.liveCredential(result.deviceSerial)?.custody).toBe('file');
  expect(readFileSync(join(portPath, 'key.pem'), 'latin1')).toMatch(/^-----BEGIN PRIVATE KEY-----/);

  const pkcs12 = { ...target, options: { formats: ['pkcs12'] } };
  const refused = await world.run({ serial: 'FILE-2', portPath: `${portPath}-2`, target: pkcs12 });
  expect(refused.failure).toMatchObject({ code: 'value_missing', details: { consumer: 'PKCS#12' } });
});

test('a station with so many families keeps every invariant', () => {
  expect(world.station.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
});

function never(): never {
  throw new Error('no credential');
}
