// Work orders, the catalogue they choose from, and the figures of a shift.

import { profileNamed } from '../authority/profileStore.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { Order, OrderReport } from '../contract/schemas/orders.ts';
import type { OrderId } from '../domain/ids.ts';
import { lastChecksOf, refuseFiles, requireCustody } from '../domain/orderRules.ts';
import { parseSerialList, type SerialList } from '../domain/serialList.ts';
import { StationError } from '../domain/stationError.ts';
import { systemRandom } from '../host/systemRandom.ts';
import type { OrderSummary } from '../inventory/queries/figures.ts';
import { createOrder } from '../station/orders.ts';
import { failuresOf, medianRunSeconds, shiftFigures } from './figures.ts';
import type { House } from './house.ts';
import { orderTarget } from './orderTarget.ts';
import { orderView } from './orderView.ts';
import { targetView } from './targetDesk.ts';
import { USUAL_PROFILE, USUAL_TARGET, usualFirst } from './usualChoice.ts';
import { houseOf, operatorOf, refuseDuringBatch, tellSession, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  Extract<keyof StationMethods, `orders.${string}` | `catalog.${string}` | `shift.${string}`>
>;

const PROBLEMS_SHOWN = 200;
const OPEN_SERIALS_SHOWN = 1_000;

const listOf = (file: string): SerialList => parseSerialList(Buffer.from(file, 'base64'));

export function createOrderDesk(world: World): Part {
  const { clock } = world;

  const view = (house: House, order: OrderSummary): Order =>
    orderView(order, house.desk.get().currentOrderId, house.inventory.orderWishes(order.orderId));

  function find(house: House, orderId: string): Order {
    const order = house.inventory.orderSummary(orderId as OrderId);
    if (order === undefined) throw new StationError('order_unknown', { order: orderId });
    return view(house, order);
  }

  function select(house: House, orderId: string): Order {
    const order = find(house, orderId);
    if (order.closedAtMs !== undefined) throw new StationError('order_complete', { name: order.name });
    refuseFiles(orderTarget(world.targets.target(order.targetName)));
    house.desk.set({ ...house.desk.get(), currentOrderId: order.orderId });
    tellSession(world);
    const selected = find(house, orderId);
    world.emit({ event: 'order.changed', payload: selected });
    return selected;
  }

  function report(house: House, orderId: string): OrderReport {
    const order = find(house, orderId);
    const id = orderId as OrderId;
    const runs = house.inventory.runsOfOrder(id);
    return {
      order,
      stationName: house.facts.name,
      site: house.facts.site,
      madeAtMs: clock.nowMs(),
      firstRunAtMs: runs[0]?.startedAtMs,
      lastRunAtMs: runs.at(-1)?.closedAtMs,
      medianRunSeconds: medianRunSeconds(runs),
      failures: failuresOf(runs).slice(0, 100),
      openSerials: house.inventory.remainingSerials(id).slice(0, OPEN_SERIALS_SHOWN),
    };
  }

  return {
    'catalog.get': () => ({
      targets: usualFirst(world.targets.targets, USUAL_TARGET).map((target) =>
        targetView(target, world.targets),
      ),
      // A certificate without clientAuth cannot do the handshake that proves a device.
      profiles: usualFirst([...world.profiles.values()], USUAL_PROFILE)
        .filter(({ extendedKeyUsage: use }) => use.length === 0 || use.includes('clientAuth'))
        .map(({ name, version, description, keyAlgorithm, keyCustody, validity }) => ({
          ...{ name, version, description, keyAlgorithm, keyCustody },
          validityDays: 'days' in validity ? validity.days : undefined,
        })),
    }),
    'orders.list': () => {
      const house = houseOf(world);
      return house.inventory.orderSummaries().map((order) => view(house, order));
    },
    'orders.checkSerials': ({ file }) => {
      const { rows, deviceSerials, problems } = listOf(file);
      return {
        rows,
        accepted: deviceSerials.length,
        problemCount: problems.length,
        problems: problems
          .slice(0, PROBLEMS_SHOWN)
          .map((one) => ({ ...one, value: one.value.slice(0, 200) })),
        sample: deviceSerials.slice(0, 5),
      };
    },
    'orders.create': ({ name, targetName, profileName, quantity, serialsFile, passwordPolicy, ...asked }) => {
      const house = houseOf(world);
      const target = world.targets.target(targetName);
      const profile = profileNamed(world.profiles, profileName);
      const facts = orderTarget(target);
      requireCustody(facts, profile);
      const lastChecks = lastChecksOf(facts, name, asked, world.signedIn?.role);
      const list = serialsFile === undefined ? undefined : listOf(serialsFile);
      if (list !== undefined && list.problems.length > 0)
        throw new StationError('file_invalid', { reason: 'rows' });
      if (list !== undefined && list.deviceSerials.length === 0)
        throw new StationError('file_invalid', { reason: 'empty' });
      if (list === undefined && quantity === undefined)
        throw new StationError('value_invalid', { field: 'quantity', reason: 'missing' });
      if (house.inventory.order(name) !== undefined) throw new StationError('order_exists', { name });
      const order = createOrder(
        { inventory: house.inventory, clock, random: systemRandom },
        {
          name,
          ...{ target, profile, lastChecks, passwordPolicy },
          quantity: quantity ?? 0,
          deviceSerials: list?.deviceSerials ?? [],
        },
      );
      const { currentOrderId } = house.desk.get();
      const current =
        currentOrderId === undefined ? undefined : house.inventory.orderSummary(currentOrderId as OrderId);
      const isIdle = current === undefined || current.closedAtMs !== undefined;
      // An order of files is issued from its page and waits for no bay.
      if (isIdle && facts.fileFormats === undefined) return select(house, order.orderId);
      const created = find(house, order.orderId);
      world.emit({ event: 'order.changed', payload: created });
      return created;
    },
    'orders.select': ({ orderId }) => select(houseOf(world), orderId),
    'orders.report': ({ orderId }) => report(houseOf(world), orderId),
    'orders.close': ({ orderId }) => {
      const house = houseOf(world);
      operatorOf(world);
      find(house, orderId);
      if (world.batchUnderWay() === orderId) refuseDuringBatch(world);
      house.inventory.closeOrder(orderId as OrderId, clock.nowMs());
      const { currentOrderId, ...desk } = house.desk.get();
      if (currentOrderId === orderId) {
        house.desk.set(desk);
        tellSession(world);
      }
      const closed = report(house, orderId);
      world.emit({ event: 'order.changed', payload: closed.order });
      return closed;
    },
    'shift.get': ({ fromMs, toMs }) => {
      const { inventory } = houseOf(world);
      return shiftFigures(
        { fromMs, toMs, nowMs: clock.nowMs() },
        inventory.runsClosedBetween(fromMs, toMs),
        inventory.phaseTimesBetween(fromMs, toMs),
      );
    },
  };
}
