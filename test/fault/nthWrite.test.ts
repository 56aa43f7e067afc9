// Fail the Nth write, for every N: the disk is full from there on, or for that one write only. The real inventory holds
// what was written before; then the next start recovers, and the same device is provisioned again. Before each act that
// cannot be taken back (a signature, the first byte to the device, a new key on it, its lock) the record of the intent is
// looked up in the database itself.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CredentialState, isLive } from '../../core/domain/credential.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../core/domain/device.ts';
import type { DeviceIdentity } from '../../core/domain/deviceIdentity.ts';
import type { Profile } from '../../core/domain/profile.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { sha256Hex } from '../../core/station/digest.ts';
import { createOrder } from '../../core/station/orders.ts';
import type { StationPorts } from '../../core/station/ports/all.ts';
import type { InventoryPort } from '../../core/station/ports/inventory.ts';
import type { ProvisionRequest } from '../../core/station/provision/context.ts';
import { provision } from '../../core/station/provision/provision.ts';
import { type RecoveredRun, recover } from '../../core/station/recovery.ts';
import { createBench, type FakeDevice, profile, type StationBench, target } from '../support/fakePorts.ts';

const WRITES = [
  'openRun',
  'beginPhase',
  'recordIdentity',
  'endPhase',
  'reserve',
  'recordKey',
  'recordPrepared',
  'recordIssued',
  'recordInstallIntent',
  'recordInstalled',
  'recordVerified',
  'recordSealed',
  'void',
  'revoke',
  'closeRun',
] as const satisfies readonly (keyof InventoryPort)[];

/** The inventory, whose `nth` write and, unless `once`, every later one finds no room; the calls it was asked for. */
function failing(inventory: InventoryPort, nth: number, once: boolean) {
  const calls: string[] = [];
  const failingWrites = WRITES.map((name) => [
    name,
    (...parameters: unknown[]) => {
      calls.push(name);
      if (calls.length === nth || (!once && calls.length > nth)) throw new StationError('disk_full');
      return (inventory[name] as (...all: unknown[]) => unknown)(...parameters);
    },
  ]);
  return { calls, inventory: { ...inventory, ...Object.fromEntries(failingWrites) } as InventoryPort };
}

let bench: StationBench;
let serial: DeviceSerial;
let unit = 0;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const newest = (): {
  state: CredentialState;
  storedDigests?: unknown;
  toBeSigned?: Uint8Array | undefined;
} => {
  const [credential] = bench.ports.inventory.credentialsOf(serial);
  if (credential === undefined) throw new Error('nothing is on record yet');
  return credential;
};

/** The authority, which signs nothing that does not stand, octet for octet, in a prepared row. */
const watchedAuthority = (authority: StationPorts['authority']): StationPorts['authority'] => ({
  rootDer: authority.rootDer,
  issuingDer: authority.issuingDer,
  reserveCertificateSerial: () => authority.reserveCertificateSerial(),
  prepare: (request, newestIssuedAtMs) => authority.prepare(request, newestIssuedAtMs),
  issue: (prepared) => {
    const { state, toBeSigned = new Uint8Array() } = newest();
    expect(state).toBe('prepared');
    expect(Buffer.compare(toBeSigned, prepared.toBeSigned)).toBe(0);
    return authority.issue(prepared);
  },
});

const restarted = { askOperator: undefined };
const material = { ca: sha256Hex(Uint8Array.of(1)), certificate: sha256Hex(Uint8Array.of(2)) };
const watchedDevice: FakeDevice = {
  plan: () => ({ storedDigests: material, summary: {} }),
  install: async () => {
    expect(newest()).toMatchObject({ state: 'issued', storedDigests: material });
    return {};
  },
};
const sealing: FakeDevice = {
  ...watchedDevice,
  seal: async () => {
    expect(newest().state).toBe('verified');
    return { lock: 'closed' };
  },
};

const identity = {
  hardwareIdSource: 'silicon',
  firmware: '1',
  capabilities: {},
  occupied: [],
  custodyOffered: ['station-memory'],
} as const;

/** A device that shows what was installed, also after it was started anew. */
function restarting(): FakeDevice {
  let occupied: DeviceIdentity['occupied'] = [];
  return {
    ...watchedDevice,
    identify: async () => ({ ...identity, hardwareId: `hw-${serial}` as never, occupied }),
    install: async (...parameters) => {
      const installed = await watchedDevice.install?.(...parameters);
      occupied = Object.entries(material).map(([item, sha256]) => ({ item: item as 'ca', sha256 }));
      return installed ?? {};
    },
    restart: async () => true,
  };
}

/** A device that makes its key itself: the old credential must be dead before the old key is. */
function keyMaking(): FakeDevice {
  let publicKeySpki = new Uint8Array();
  return {
    ...watchedDevice,
    identify: async () => ({
      ...identity,
      hardwareId: `hw-${serial}` as never,
      custodyOffered: ['on-device'],
    }),
    generateKey: async (algorithm) => {
      expect(bench.ports.inventory.liveCredential(serial)).toBeUndefined();
      publicKeySpki = new Uint8Array(bench.ports.keys.generate(algorithm).publicKeySpki);
      return { publicKeySpki, certificationRequestDer: undefined, proof: 'signed-request', evidence: {} };
    },
    verify: async () => {
      const digest = sha256Hex(publicKeySpki);
      const check = 'proof-of-possession';
      return [{ item: 'privateKey', check, expectedSha256: digest, actualSha256: digest }];
    },
  };
}

interface Scenario {
  readonly device: () => FakeDevice;
  readonly request?: Partial<ProvisionRequest>;
  /** The device has a live credential before the run that is cut. */
  readonly provisioned?: boolean;
  readonly inOrder?: boolean;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a first credential': { device: () => watchedDevice },
  'a replaced credential': { device: () => watchedDevice, provisioned: true, request: { replace: true } },
  'a key made on the device in place of another': {
    device: keyMaking,
    provisioned: true,
    request: { replace: true },
  },
  'a check after a restart': { device: restarting, request: { checkReboot: restarted } },
  'a device that is sealed': { device: () => sealing, request: { seal: true } },
  'the last device of a work order': { device: () => watchedDevice, inOrder: true },
};

const run = (ports: StationPorts, more: Partial<ProvisionRequest> = {}) =>
  provision(ports, {
    deviceSerial: serial,
    orderId: undefined,
    orderName: undefined,
    bayName: 'bay-1',
    portPath: `port-${serial}`,
    operatorName: 'tester',
    site: 'Test site',
    target,
    profile: profile as Profile,
    replace: false,
    signal: new AbortController().signal,
    listener: () => {},
    ...more,
  });

/** A fresh device, and what the scenario has done to it already. */
async function prepared({ device, request = {}, provisioned, inOrder }: Scenario) {
  unit += 1;
  serial = parseDeviceSerial(`NTH-${unit}`);
  bench.devices.set(`port-${serial}`, device());
  const ports: StationPorts = { ...bench.ports, authority: watchedAuthority(bench.ports.authority) };
  if (provisioned) expect((await run(ports)).outcome).toBe('pass');
  const order = inOrder
    ? createOrder(ports, { name: `WO-${unit}`, target, profile, quantity: 1, deviceSerials: [] })
    : undefined;
  return { ports, order, request: { ...request, orderId: order?.orderId, orderName: order?.name } };
}

/** What the next start must have decided, by the state that the cut left. */
function decision(found: CredentialState | undefined, sealAsked: boolean) {
  switch (found) {
    case undefined:
      return { action: 'none', outcome: 'aborted' };
    case 'reserved':
    case 'prepared':
      return { action: 'voided', outcome: 'aborted' };
    case 'issued':
    case 'installed':
      return { action: 'revoked', outcome: 'aborted' };
    case 'verified':
      // Whether its lock closed only the device can say.
      return { action: 'none', outcome: sealAsked ? 'aborted' : 'pass' };
    case 'sealed':
    case 'voided':
    case 'revoked':
      return { action: 'none', outcome: found === 'sealed' ? 'pass' : 'aborted' };
  }
}

function expectSettled(): void {
  const { inventory } = bench.ports;
  expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  expect(inventory.credentialsOf(serial).filter(({ state }) => isLive(state)).length).toBeLessThan(2);
  expect(recover(bench.ports)).toEqual([]);
}

/** The device is usable afterwards: it passes, where need be with the operator's word that it may be replaced. */
async function expectPassesNow(
  ports: StationPorts,
  { order, request }: Awaited<ReturnType<typeof prepared>>,
) {
  const { inventory } = bench.ports;
  const stands = inventory.liveCredential(serial) !== undefined;
  if (order !== undefined && inventory.progress(order.orderId).passed === 1) {
    await expect(run(ports, request)).rejects.toMatchObject({ code: 'order_complete' });
    expect(inventory.order(order.orderId)?.closedAtMs).toBeDefined();
    return;
  }
  expect(await run(ports, { ...request, replace: request.replace === true || stands })).toMatchObject({
    outcome: 'pass',
  });
  if (order !== undefined) expect(inventory.order(order.orderId)?.closedAtMs).toBeDefined();
}

describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  test('survives a disk that is full from any write on', async () => {
    const whole = await prepared(scenario);
    const counted = failing(whole.ports.inventory, Number.POSITIVE_INFINITY, false);
    expect((await run({ ...whole.ports, inventory: counted.inventory }, whole.request)).outcome).toBe('pass');
    expect(counted.calls.length).toBeGreaterThan(25);
    for (const [index, write] of counted.calls.entries()) {
      const cut = await prepared(scenario);
      const broken = failing(cut.ports.inventory, index + 1, false);
      await expect(run({ ...cut.ports, inventory: broken.inventory }, cut.request)).rejects.toMatchObject({
        code: 'disk_full',
      });
      expect(bench.ports.inventory.checkInvariants(), `at write ${index + 1}, ${write}`).toEqual([]);
      const recovered: readonly RecoveredRun[] = recover(bench.ports);
      expect(recovered).toHaveLength(index === 0 ? 0 : 1);
      for (const found of recovered)
        expect(found, `at write ${index + 1}, ${write}`).toMatchObject(
          decision(found.foundState, cut.request.seal === true),
        );
      expectSettled();
      await expectPassesNow(cut.ports, cut);
      expectSettled();
    }
  }, 900_000);

  test('survives any one write that fails', async () => {
    const whole = await prepared(scenario);
    const counted = failing(whole.ports.inventory, Number.POSITIVE_INFINITY, true);
    await run({ ...whole.ports, inventory: counted.inventory }, whole.request);
    for (const [index, write] of counted.calls.entries()) {
      const cut = await prepared(scenario);
      const broken = failing(cut.ports.inventory, index + 1, true);
      const ended = run({ ...cut.ports, inventory: broken.inventory }, cut.request);
      // The run, its closing apart, goes on to a recorded end by itself.
      if (write === 'openRun' || write === 'closeRun')
        await expect(ended).rejects.toMatchObject({ code: 'disk_full' });
      else expect(await ended).toMatchObject({ outcome: 'error', failure: { code: 'disk_full' } });
      expect(recover(bench.ports), `at write ${index + 1}, ${write}`).toHaveLength(
        write === 'closeRun' ? 1 : 0,
      );
      expectSettled();
      await expectPassesNow(cut.ports, cut);
      expectSettled();
    }
  }, 900_000);
});
