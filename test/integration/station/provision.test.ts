// One run with the real inventory and authority, failing at each thing it asks of the device or the edge server.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLive } from '../../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../../core/domain/password.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { sha256Hex } from '../../../core/station/digest.ts';
import type { StationPorts } from '../../../core/station/ports/all.ts';
import type { MadePassword } from '../../../core/station/ports/passwords.ts';
import { provision } from '../../../core/station/provision/provision.ts';
import { recover } from '../../../core/station/recovery.ts';
import { createBench, type FakeDevice, profile, type StationBench, target } from '../../support/fakePorts.ts';

let bench: StationBench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const deviceSerial = parseDeviceSerial('SN-1');
const run = (more: Partial<Parameters<typeof provision>[1]> = {}, ports = bench.ports) =>
  provision(ports, {
    deviceSerial,
    orderId: undefined,
    orderName: undefined,
    bayName: 'bay-1',
    portPath: 'port',
    operatorName: 'tester',
    site: 'Test site',
    target,
    profile,
    replace: false,
    signal: new AbortController().signal,
    listener: () => {},
    ...more,
  });

const refuse = () => {
  throw new StationError('device_refused');
};

describe('a run', () => {
  test.each<[string, FakeDevice, string]>([
    ['identify', { identify: async () => refuse() }, 'none'],
    ['prepare', { checkFit: refuse }, 'voided'],
    ['install', { plan: refuse }, 'revoked'],
    ['install', { install: async () => refuse() }, 'revoked'],
    ['verify', { verify: async () => refuse() }, 'revoked'],
  ])(
    'that fails in %s leaves its credential decided on and the line closed',
    async (phase, device, state) => {
      bench.devices.set('port', device);
      expect(await run()).toMatchObject({
        outcome: 'fail',
        failedPhase: phase,
        failure: { code: 'device_refused' },
      });
      const credentials = bench.ports.inventory.credentialsOf(deviceSerial);
      expect(credentials.map((one) => one.state)).toEqual(state === 'none' ? [] : [state]);
      expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
      expect(device.closed).toBe(1);
      expect(recover(bench.ports)).toEqual([]);
    },
  );

  test('whose handshake fails is the device’s failure', async () => {
    bench.devices.set('port', {});
    const edge = { prove: () => Promise.reject(new StationError('handshake_failed')) };
    expect(await run({}, { ...bench.ports, edge })).toMatchObject({ outcome: 'fail', failedPhase: 'verify' });
    expect(bench.ports.inventory.liveCredential(deviceSerial)).toBeUndefined();
  });

  test('that throws what nobody foresaw is the station’s error', async () => {
    bench.devices.set('port', { install: () => Promise.reject(new TypeError('x is not a function')) });
    expect(await run()).toMatchObject({ outcome: 'error', failure: { code: 'internal' } });
  });

  test('that takes too long says in which phase and how long it might', async () => {
    bench.devices.set('port', { install: () => new Promise(() => {}) });
    const impatient = { ...target, timeouts: { ...target.timeouts, phaseMs: 50 } };
    expect(await run({ target: impatient })).toMatchObject({
      outcome: 'timeout',
      failure: { code: 'phase_timeout', details: { phase: 'install', limitMs: 50 } },
    });
  });

  test('gives the port back that opens only when nobody waits for it any more', async () => {
    let arrive = (): void => {};
    const opened = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const device: FakeDevice = {};
    bench.devices.set('port', device);
    const late: StationPorts['link'] = {
      open: async (request) => {
        await opened;
        return bench.ports.link.open(request);
      },
    };
    const impatient = { ...target, timeouts: { ...target.timeouts, phaseMs: 20 } };
    const result = await run({ target: impatient }, { ...bench.ports, link: late });
    expect(result).toMatchObject({ outcome: 'timeout', failedPhase: 'identify' });
    expect(device.closed).toBeUndefined();
    arrive();
    await expect.poll(() => device.closed).toBe(1);
  });

  test.each(['identify', 'verify'] as const)(
    'that is stopped in %s begins nothing after it: no signature, no lock',
    async (phase) => {
      const stop = new AbortController();
      const acts: string[] = [];
      const device: FakeDevice = {
        install: async () => {
          acts.push('install');
          return {};
        },
        seal: async () => {
          acts.push('seal');
          return {};
        },
      };
      bench.devices.set('port', device);
      const authority: StationPorts['authority'] = {
        rootDer: bench.ports.authority.rootDer,
        issuingDer: bench.ports.authority.issuingDer,
        reserveCertificateSerial: () => bench.ports.authority.reserveCertificateSerial(),
        prepare: (request, newest) => bench.ports.authority.prepare(request, newest),
        issue: (prepared) => {
          acts.push('issue');
          return bench.ports.authority.issue(prepared);
        },
      };
      const listener = (event: { readonly kind: string; readonly phase?: string }): void => {
        if (event.kind === 'phase-ended' && event.phase === phase) stop.abort();
      };
      const result = await run({ signal: stop.signal, seal: true, listener }, { ...bench.ports, authority });
      expect(result).toMatchObject({ outcome: 'aborted', failure: { code: 'interrupted' } });
      expect(acts).toEqual(phase === 'identify' ? [] : ['issue', 'install']);
      expect(bench.ports.inventory.credentialsOf(deviceSerial).map(({ state }) => state)).toEqual(
        phase === 'identify' ? [] : ['verified'],
      );
      expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
    },
  );

  test('meets another board at the end', async () => {
    let asked = 0;
    const identity = {
      hardwareIdSource: 'silicon',
      firmware: '1',
      capabilities: {},
      occupied: [],
      custodyOffered: ['station-memory'],
    } as const;
    bench.devices.set('port', {
      identify: async () => {
        asked += 1;
        return { ...identity, hardwareId: `hw-${asked}` as never };
      },
    });
    expect(await run()).toMatchObject({ outcome: 'fail', failure: { code: 'device_changed' } });
  });

  test('refuses a device that cannot make its key, where the profile wants that', async () => {
    bench.devices.set('port', {});
    const result = await run({ profile: { ...profile, keyCustody: 'on-device' } });
    expect(result).toMatchObject({
      outcome: 'fail',
      failedPhase: 'identify',
      failure: { code: 'custody_not_offered' },
    });
    expect(bench.ports.inventory.credentialsOf(deviceSerial)).toEqual([]);
  });

  test('replaces a live credential in the same breath as it issues the next', async () => {
    bench.devices.set('port', {});
    expect((await run()).outcome).toBe('pass');
    expect(await run()).toMatchObject({ outcome: 'fail', failure: { code: 'already_provisioned' } });
    bench.devices.set('port', { install: async () => refuse() });
    expect((await run({ replace: true })).outcome).toBe('fail');
    // Both are dead: the old one when the new was issued, the new one because it is not on the device.
    expect(bench.ports.inventory.credentialsOf(deviceSerial).filter(({ state }) => isLive(state))).toEqual(
      [],
    );
    expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  test('wipes the key however it ends', async () => {
    const wiped: boolean[] = [];
    const keys = {
      generate: (algorithm: 'P-256' | 'P-384' | 'Ed25519') => {
        const key = bench.ports.keys.generate(algorithm);
        queueMicrotask(() => made.push(key));
        return key;
      },
    };
    const made: { privateKeyPkcs8: { wiped: boolean } }[] = [];
    for (const device of [{}, { install: async () => refuse() }, { checkFit: refuse }]) {
      bench.devices.set('port', device);
      await run({ replace: true }, { ...bench.ports, keys });
    }
    wiped.push(...made.map(({ privateKeyPkcs8 }) => privateKeyPkcs8.wiped));
    expect(wiped).toEqual([true, true, true]);
  });

  test('that cannot be recorded any more throws, and the next start decides', async () => {
    bench.devices.set('port', {});
    const { inventory } = bench.ports;
    const full = () => {
      throw new StationError('disk_full');
    };
    const broken = { ...inventory, recordVerified: full, revoke: full, closeRun: full };
    await expect(run({}, { ...bench.ports, inventory: broken })).rejects.toMatchObject({ code: 'disk_full' });
    expect(inventory.checkInvariants()).toEqual([]);
    expect(recover(bench.ports)).toMatchObject([
      { phase: 'verify', foundState: 'installed', action: 'revoked', outcome: 'aborted' },
    ]);
    expect(recover(bench.ports)).toEqual([]);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });
});

describe('the password of a run', () => {
  const planned: FakeDevice = {
    plan: ({ password }) => ({
      storedDigests: {
        username: sha256Hex(Buffer.from(password?.username ?? '')),
        password: password?.password.use((bytes) => sha256Hex(bytes)) ?? sha256Hex(new Uint8Array()),
      },
      summary: {},
    }),
  };

  test.each<[string, FakeDevice, string | undefined]>([
    ['passes', { ...planned, verify: async () => [] }, undefined],
    ['cannot be planned', { plan: refuse }, 'device_refused'],
    ['is not installed', { ...planned, install: async () => refuse() }, 'device_refused'],
    ['meets a driver that leaves it out', {}, 'internal'],
  ])('is nowhere in memory when the run that %s is over', async (_, device, code) => {
    bench.devices.set('port', device);
    const made: MadePassword[] = [];
    const passwords: StationPorts['passwords'] = {
      make(policy) {
        const one = bench.ports.passwords.make(policy);
        made.push(one);
        return one;
      },
    };
    const result = await run(
      {
        target: { ...target, passwordSlot: { username: 'u', password: 'p' } },
        passwordPolicy: DEFAULT_PASSWORD_POLICY,
      },
      { ...bench.ports, passwords },
    );
    expect(result.failure?.code).toBe(code);
    expect(made.map(({ password }) => password.wiped)).toEqual([true]);
    expect([...bench.ports.inventory.passwordUsers()]).toHaveLength(code === undefined ? 1 : 0);
  });
});
