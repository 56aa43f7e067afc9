// The fake's work orders, catalogue and shift figures.

import { DEFAULT_PASSWORD_POLICY } from '../../domain/password.ts';
import { PHASES } from '../../domain/run.ts';
import { parseSerialList, type SerialList } from '../../domain/serialList.ts';
import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { RunView } from '../schemas/bays.ts';
import type { Order, OrderReport } from '../schemas/orders.ts';
import { DAY_MS, hexOf, mix, tellSession, unknown, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  Extract<keyof StationMethods, `orders.${string}` | `catalog.${string}` | `shift.${string}`>
>;

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

export interface FakeOrders {
  readonly methods: Part;
  orderOf(orderId: string): Order | undefined;
  nameOf(orderId: string): string | undefined;
  count(run: RunView): void;
}

const progressOf = (quantity: number, passed: number, failed: number): Order['progress'] => ({
  passed,
  failed,
  remaining: Math.max(0, quantity - passed),
  runs: passed + failed + Math.round(passed * 0.03),
  ...(passed + failed === 0
    ? {}
    : { yield: passed / (passed + failed), firstPassYield: Math.max(0, passed / (passed + failed) - 0.021) }),
});

export function fakeOrders(world: World): FakeOrders {
  const { nowMs, longNames } = world.options;
  const make = (
    index: number,
    name: string,
    quantity: number,
    passed: number,
    failed: number,
    closed: boolean,
  ): Order => ({
    orderId: `order-${hexOf(index, 91, 16)}`,
    name,
    targetName: index % 3 === 2 ? 'esp32-c6' : 'nrf7002dk',
    profileName: 'iot-client',
    quantity,
    listedSerials: index % 2 === 0 ? quantity : 0,
    checkReboot: index === 0,
    seal: false,
    ...(index % 3 === 2 ? { passwordPolicy: DEFAULT_PASSWORD_POLICY } : {}),
    createdAtMs: nowMs() - index * 3 * DAY_MS - 7_200_000,
    ...(closed ? { closedAtMs: nowMs() - index * 3 * DAY_MS + 30_000_000 } : {}),
    current: index === 0,
    progress: progressOf(quantity, passed, failed),
  });
  let orders: Order[] = world.options.orders
    ? [
        make(
          0,
          longNames
            ? 'WO-2026-0048 Gateway board revision F with the second-source radio module, northern line'
            : 'WO-2026-0048',
          500,
          312,
          6,
          false,
        ),
        make(1, 'WO-2026-0047', 250, 0, 0, false),
        make(2, 'WO-2026-0046 rework', 40, 31, 4, false),
        ...Array.from({ length: 9 }, (_, i) =>
          make(3 + i, `WO-2026-00${45 - i}`, 200 + 50 * (i % 4), 200 + 50 * (i % 4), i % 5, true),
        ),
      ]
    : [];
  if (orders[0] !== undefined) world.currentOrder = { orderId: orders[0].orderId, name: orders[0].name };

  const find = (orderId: string): Order =>
    orders.find((one) => one.orderId === orderId) ?? unknown('order_unknown');
  const put = (order: Order): Order => {
    orders = orders.map((one) => (one.orderId === order.orderId ? order : one));
    world.emit({ event: 'order.changed', payload: order });
    return order;
  };
  const select = (orderId: string): Order => {
    const chosen = find(orderId);
    orders = orders.map((one) => ({ ...one, current: one.orderId === orderId }));
    world.currentOrder = { orderId, name: chosen.name };
    tellSession(world);
    return put({ ...chosen, current: true });
  };
  const report = (order: Order): OrderReport => ({
    order,
    stationName: world.stationName,
    site: world.site,
    madeAtMs: nowMs(),
    ...(order.progress.runs === 0
      ? {}
      : { firstRunAtMs: order.createdAtMs + 600_000, lastRunAtMs: nowMs() - 61_000, medianRunSeconds: 6.8 }),
    failures:
      order.progress.failed === 0
        ? []
        : [
            { code: 'device_silent', count: Math.ceil(order.progress.failed / 2) },
            { code: 'verification_mismatch', count: Math.floor(order.progress.failed / 2) },
          ],
    openSerials: Array.from(
      { length: Math.min(order.listedSerials === 0 ? 0 : order.progress.remaining, 1_000) },
      (_, i) => `KL7-${2_700_000 + i}`,
    ),
  });
  const read = (file: string): SerialList => parseSerialList(bytesOf(file));
  const now = nowMs;

  return {
    orderOf: (orderId) => orders.find((one) => one.orderId === orderId),
    nameOf: (orderId) => orders.find((one) => one.orderId === orderId)?.name,
    count: (run) => {
      const current = orders.find((one) => one.current);
      if (current === undefined) return;
      const pass = run.outcome === 'pass' ? 1 : 0;
      put({
        ...current,
        progress: progressOf(
          current.quantity,
          current.progress.passed + pass,
          current.progress.failed + 1 - pass,
        ),
      });
    },
    methods: {
      'catalog.get': () => ({
        targets: [...world.targets],
        profiles: [
          {
            name: 'iot-client',
            version: 3,
            description: 'Client certificate for MQTT over mutual TLS, ten years.',
            keyAlgorithm: 'P-256',
            validityDays: 3_650,
            keyCustody: 'any',
          },
          {
            name: 'device-identity',
            version: 1,
            description: 'IDevID after IEEE 802.1AR: no well-defined expiration, key made on the device.',
            keyAlgorithm: 'P-256',
            keyCustody: 'on-device',
          },
        ],
      }),
      'orders.list': () => orders,
      'orders.checkSerials': ({ file }) => {
        const list = read(file);
        return {
          rows: list.rows,
          accepted: list.deviceSerials.length,
          problemCount: list.problems.length,
          problems: list.problems.slice(0, 200),
          sample: list.deviceSerials.slice(0, 5),
        };
      },
      'orders.create': ({ name, targetName, profileName, quantity, serialsFile, ...asked }) => {
        if (orders.some((one) => one.name.toLowerCase() === name.toLowerCase()))
          throw new StationError('order_exists', { name });
        const target = world.targets.find((one) => one.name === targetName);
        if (asked.passwordPolicy !== undefined && target?.holdsPassword !== true)
          throw new StationError('password_not_offered', { target: targetName });
        const list = serialsFile === undefined ? undefined : read(serialsFile);
        if (list !== undefined && list.problems.length > 0)
          throw new StationError('file_invalid', { reason: 'rows' });
        const size = list?.deviceSerials.length ?? quantity;
        if (size === undefined || size === 0)
          throw new StationError('value_invalid', { field: 'quantity', reason: 'missing' });
        const order: Order = {
          orderId: `order-${hexOf(orders.length + now(), 92, 16)}`,
          name,
          targetName,
          profileName,
          quantity: size,
          listedSerials: list?.deviceSerials.length ?? 0,
          checkReboot: asked.checkReboot === true,
          seal: asked.sealConfirmedFor !== undefined,
          passwordPolicy: asked.passwordPolicy,
          createdAtMs: now(),
          current: false,
          progress: progressOf(size, 0, 0),
        };
        orders.unshift(order);
        const isFiles = world.targets.some((one) => one.name === targetName && one.fileFormats !== undefined);
        return isFiles || orders.some((one) => one.current) ? order : select(order.orderId);
      },
      'orders.select': ({ orderId }) => select(orderId),
      'orders.report': ({ orderId }) => report(find(orderId)),
      'orders.close': ({ orderId }) => {
        const closed = put({ ...find(orderId), closedAtMs: now(), current: false });
        if (world.currentOrder?.orderId === orderId) {
          world.currentOrder = undefined;
          tellSession(world);
        }
        return report(closed);
      },
      'shift.get': ({ fromMs, toMs }) => {
        const size = 900_000;
        const buckets = world.options.orders
          ? Array.from(
              { length: Math.max(0, Math.min(400, Math.ceil((Math.min(toMs, now()) - fromMs) / size))) },
              (_, i) => {
                const startMs = fromMs + i * size;
                const pause = i % 16 === 7;
                return { startMs, passed: pause ? 2 : 17 + (mix(i, 51) % 9), failed: mix(i, 52) % 3 };
              },
            )
          : [];
        const passed = buckets.reduce((sum, one) => sum + one.passed, 0);
        const runs = passed + buckets.reduce((sum, one) => sum + one.failed, 0);
        if (runs === 0)
          return { fromMs, toMs, runs: 0, passed: 0, buckets: [], phases: [], bays: [], failures: [] };
        const hours = Math.max(0.25, (Math.min(toMs, now()) - fromMs) / 3_600_000);
        return {
          fromMs,
          toMs,
          runs,
          passed,
          yield: passed / runs,
          firstPassYield: passed / runs - 0.018,
          unitsPerHour: passed / hours,
          medianRunSeconds: 6.8,
          buckets,
          phases: PHASES.map((phase, i) => ({
            phase,
            medianSeconds: [0.15, 0.6, 0.08, 0.45, 0.09, 0.16, 3.2, 1.7, 0.25, 0.12][i] ?? 0.1,
            slowestSeconds: [0.3, 3, 0.2, 1.2, 0.2, 0.4, 5.1, 4.2, 0.6, 0.3][i] ?? 0.2,
          })),
          bays: ['A1', 'A2', 'A3', 'A4'].map((bayName, i) => ({
            bayName,
            runs: Math.round(runs / 4) + i,
            failed: [3, 2, 14, 1][i] ?? 0,
          })),
          failures: [
            { code: 'device_silent', count: 11 },
            { code: 'verification_mismatch', count: 5 },
            { code: 'handshake_failed', count: 3 },
            { code: 'device_gone', count: 1 },
          ],
        };
      },
    },
  };
}
