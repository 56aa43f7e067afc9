// The fake's work orders and catalogue.

import { checkNewOrder, lastChecksOf, refuseFiles, requireCustody } from '../../domain/orderRules.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../domain/password.ts';
import { parseSerialList, type SerialList } from '../../domain/serialList.ts';
import { StationError } from '../../domain/stationError.ts';
import { NO_LAST_CHECKS } from '../../domain/workOrder.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { RunView } from '../schemas/bays.ts';
import type { Catalog, Order, OrderReport, ProfileView } from '../schemas/orders.ts';
import type { TargetView } from '../schemas/targets.ts';
import { DAY_MS, hexOf, refuseDuringBatch, targetNamed, tellSession, unknown, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `orders.${string}` | `catalog.${string}`>>;

/** A made-up place: the views tell only whether there is one. */
const slotOf = ({ holdsPassword }: TargetView): object | undefined => (holdsPassword ? {} : undefined);

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const PROFILES: Catalog['profiles'] = [
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
];

const profileNamed = (name: string): ProfileView => {
  const profile = PROFILES.find((one) => one.name === name);
  if (profile === undefined)
    throw new StationError('profile_unknown', { name, known: PROFILES.map((one) => one.name).join(', ') });
  return profile;
};

export interface FakeOrders {
  readonly methods: Part;
  /** `order_unknown` */
  find(orderId: string): Order;
  /** A run in a bay, of the current order. */
  count(run: RunView): void;
  /** A device of an order that is issued without a bay. */
  countPass(orderId: string): Order;
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
    if (chosen.closedAtMs !== undefined) throw new StationError('order_complete', { name: chosen.name });
    refuseFiles(targetNamed(world, chosen.targetName));
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
    find,
    countPass: (orderId) => {
      const order = find(orderId);
      const { passed, failed } = order.progress;
      const counted = passed + (passed < order.quantity ? 1 : 0);
      return put({ ...order, progress: progressOf(order.quantity, counted, failed) });
    },
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
        profiles: [...PROFILES],
      }),
      'orders.list': () => orders,
      'orders.checkSerials': ({ file }) => {
        const list = read(file);
        return {
          rows: list.rows,
          accepted: list.deviceSerials.length,
          problemCount: list.problems.length,
          problems: list.problems.slice(0, 200).map((one) => ({ ...one, value: one.value.slice(0, 200) })),
          sample: list.deviceSerials.slice(0, 5),
        };
      },
      'orders.create': ({
        name,
        targetName,
        profileName,
        quantity,
        serialsFile,
        passwordPolicy,
        ...asked
      }) => {
        const target = targetNamed(world, targetName);
        const profile = profileNamed(profileName);
        requireCustody(target, profile);
        const lastChecks = lastChecksOf(target, name, asked, world.signedIn?.role);
        const list = serialsFile === undefined ? undefined : read(serialsFile);
        if (list !== undefined && list.problems.length > 0)
          throw new StationError('file_invalid', { reason: 'rows' });
        if (list !== undefined && list.deviceSerials.length === 0)
          throw new StationError('file_invalid', { reason: 'empty' });
        if (list === undefined && quantity === undefined)
          throw new StationError('value_invalid', { field: 'quantity', reason: 'missing' });
        if (orders.some((one) => one.name.toLowerCase() === name.toLowerCase()))
          throw new StationError('order_exists', { name });
        const deviceSerials = list?.deviceSerials ?? [];
        const wanted = { name, quantity: quantity ?? 0, deviceSerials, passwordPolicy };
        const checked = checkNewOrder(wanted, { ...target, passwordSlot: slotOf(target) }, profile);
        const order: Order = {
          orderId: `order-${hexOf(orders.length + now(), 92, 16)}`,
          ...{ name, targetName, profileName, passwordPolicy },
          quantity: checked.quantity,
          listedSerials: deviceSerials.length,
          ...(lastChecks ?? NO_LAST_CHECKS),
          createdAtMs: now(),
          current: false,
          progress: progressOf(checked.quantity, 0, 0),
        };
        orders.unshift(order);
        const isIdle = !orders.some((one) => one.current && one.closedAtMs === undefined);
        return isIdle && target.fileFormats === undefined ? select(order.orderId) : put(order);
      },
      'orders.select': ({ orderId }) => select(orderId),
      'orders.report': ({ orderId }) => report(find(orderId)),
      'orders.close': ({ orderId }) => {
        const order = find(orderId);
        if (world.issuing?.orderId === orderId) refuseDuringBatch(world);
        const closed = put({ ...order, closedAtMs: order.closedAtMs ?? now(), current: false });
        if (world.currentOrder?.orderId === orderId) {
          world.currentOrder = undefined;
          tellSession(world);
        }
        return report(closed);
      },
    },
  };
}
