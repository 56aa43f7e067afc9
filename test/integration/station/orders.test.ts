// Work orders over several bays, with the real inventory and authority; only the devices are fakes.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { RunEvent } from '../../../core/station/events.ts';
import { type Bay, createOrder, runOrder } from '../../../core/station/orders.ts';
import { revokeDevice } from '../../../core/station/revocation.ts';
import { createBench, profile, type StationBench, target } from '../../support/fakePorts.ts';

let bench: StationBench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const order = (name: string, deviceSerials: readonly string[], quantity = 1) =>
  createOrder(bench.ports, { name, target, profile, quantity, deviceSerials });

/** A bay that gets these serials one after the other, each on a device of its own. */
function bay(name: string, ...serials: string[]): Bay {
  const waiting = [...serials];
  for (const serial of serials) if (!bench.devices.has(serial)) bench.devices.set(serial, {});
  return {
    bayName: name,
    async next() {
      const serial = waiting.shift();
      return serial === undefined ? undefined : { portPath: serial, deviceSerial: parseDeviceSerial(serial) };
    },
  };
}

const events: RunEvent[] = [];
const run = (made: ReturnType<typeof order>, bays: readonly Bay[], signal = new AbortController().signal) =>
  runOrder(bench.ports, {
    order: made,
    bays,
    target,
    profile,
    operatorName: 'tester',
    site: 'Test site',
    replace: false,
    signal,
    listener: (event) => void events.push(event),
  });
const settled = () => bench.ports.inventory.checkInvariants({ settled: true });

describe('a work order', () => {
  test('refuses bad names, numbers and lists', () => {
    expect(() => order('', ['SN-1'])).toThrow('value_invalid');
    expect(() => order('WO\u0000', ['SN-1'])).toThrow('value_invalid');
    expect(() => order('WO-1', ['SN-1', 'sn-1'])).toThrow('device_serial_taken');
    expect(() => order('WO-1', ['SN 1'])).toThrow('device_serial_invalid');
    for (const quantity of [0, -1, 1.5, 1_000_001, Number.NaN])
      expect(() => order('WO-1', [], quantity)).toThrow('value_invalid');
    expect(bench.ports.inventory.orders()).toEqual([]);
    order('WO-1', ['SN-1']);
    expect(() => order('WO-1', ['SN-2'])).toThrow(StationError);
  });

  test('is worked on by bays side by side', async () => {
    let inWork = 0;
    let most = 0;
    let release = (): void => {};
    const together = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const serial of ['A-1', 'B-1', 'C-1'])
      bench.devices.set(serial, {
        install: async () => {
          inWork += 1;
          most = Math.max(most, inWork);
          if (inWork === 3) release();
          await together;
          return {};
        },
      });
    const steps = await run(order('WO-1', ['A-1', 'B-1', 'C-1', 'A-2']), [
      bay('a', 'A-1', 'A-2'),
      bay('b', 'B-1'),
      bay('c', 'C-1'),
    ]);
    expect(most).toBe(3);
    expect(steps.map((step) => step.kind === 'run' && step.run.outcome)).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
    expect(
      bench.ports.inventory.progress(bench.ports.inventory.order('WO-1')?.orderId as never),
    ).toMatchObject({ passed: 4, remaining: 0 });
    expect(settled()).toEqual([]);
    expect([...bench.devices.values()].every((device) => device.closed === 1)).toBe(true);
  });

  test('goes on after a device that fails, a serial that is refused, and a port that is missing', async () => {
    bench.devices.set('SN-2', { install: () => Promise.reject(new StationError('device_refused')) });
    bench.devices.set('SN-3', { openFails: new StationError('port_missing') });
    events.length = 0;
    const steps = await run(order('WO-2', ['SN-1', 'SN-2', 'SN-3', 'SN-4']), [
      bay('a', 'SN-1', 'OTHER', 'SN-2', 'SN-3', 'SN-4'),
    ]);
    expect(steps.map((step) => (step.kind === 'run' ? step.run.outcome : step.refusal.failure.code))).toEqual(
      ['pass', 'device_serial_not_in_order', 'fail', 'error', 'pass'],
    );
    expect(events.filter(({ kind }) => kind === 'refused')).toHaveLength(1);
    expect(bench.ports.inventory.device(parseDeviceSerial('OTHER'))).toBeUndefined();
    expect(settled()).toEqual([]);
  });

  test('stops all bays when the station cannot record any more, and says why', async () => {
    let opened = 0;
    const { inventory } = bench.ports;
    const full = {
      ...inventory,
      recordInstalled(...facts: Parameters<typeof inventory.recordInstalled>) {
        opened += 1;
        if (opened > 1) throw new StationError('disk_full');
        inventory.recordInstalled(...facts);
      },
      closeRun(...facts: Parameters<typeof inventory.closeRun>) {
        if (opened > 1) throw new StationError('disk_full');
        inventory.closeRun(...facts);
      },
    };
    const made = order('WO-3', [], 100);
    const endless = (name: string): Bay => {
      let count = 0;
      return {
        bayName: name,
        async next() {
          count += 1;
          const portPath = `${name}-${count}`;
          bench.devices.set(portPath, {});
          return { portPath, deviceSerial: parseDeviceSerial(portPath) };
        },
      };
    };
    const ports = { ...bench.ports, inventory: full };
    const running = runOrder(ports, {
      order: made,
      bays: [endless('a'), endless('b')],
      target,
      profile,
      operatorName: 'tester',
      site: 'Test site',
      replace: false,
      signal: new AbortController().signal,
      listener: () => {},
    });
    await expect(running).rejects.toMatchObject({ code: 'disk_full' });
    expect(inventory.checkInvariants()).toEqual([]);
  });

  test('ends at the operator’s word: what is in work is aborted, what was done is told', async () => {
    const stop = new AbortController();
    bench.devices.set('SN-2', {
      install: () => {
        stop.abort(new StationError('interrupted'));
        return new Promise(() => {});
      },
    });
    const steps = await run(order('WO-4', [], 9), [bay('a', 'SN-1', 'SN-2', 'SN-3')], stop.signal);
    expect(steps.map((step) => step.kind === 'run' && step.run.outcome)).toEqual(['pass', 'aborted']);
    expect(bench.devices.get('SN-2')?.closed).toBe(1);
    expect(settled()).toEqual([]);
    expect(await run(order('WO-5', [], 9), [bay('a', 'SN-4')], stop.signal)).toEqual([]);
  });

  test('a listener that throws disturbs no run', async () => {
    const made = order('WO-6', ['SN-1']);
    const steps = await runOrder(bench.ports, {
      order: made,
      bays: [bay('a', 'SN-1')],
      target,
      profile,
      operatorName: 'tester',
      site: 'Test site',
      replace: false,
      signal: new AbortController().signal,
      listener: () => {
        throw new Error('the window is gone');
      },
    });
    expect(steps).toMatchObject([{ kind: 'run', run: { outcome: 'pass' } }]);
  });
});

describe('revoking', () => {
  test('kills the live credential once', async () => {
    await run(order('WO-7', ['SN-1']), [bay('a', 'SN-1')]);
    const request = {
      deviceSerial: parseDeviceSerial('SN-1'),
      reason: 'keyCompromise',
      operatorName: 'tester',
    } as const;
    const live = revokeDevice(bench.ports, request);
    expect(bench.ports.inventory.credential(live.credentialId)).toMatchObject({ state: 'revoked' });
    expect(() => revokeDevice(bench.ports, request)).toThrow('credential_not_live');
    expect(() =>
      revokeDevice(bench.ports, { ...request, deviceSerial: parseDeviceSerial('SN-404') }),
    ).toThrow('device_unknown');
    expect(settled()).toEqual([]);
  });
});
