// Work orders: creating one, and running one over several bays at once.

import type { DeviceSerial } from '../domain/device.ts';
import { newOrderId } from '../domain/ids.ts';
import { type AskedOrder, checkNewOrder } from '../domain/orderRules.ts';
import type { Profile } from '../domain/profile.ts';
import { asStationError } from '../domain/stationError.ts';
import { refuseWithoutSlot, type Target } from '../domain/target.ts';
import type { LastChecks, WorkOrder } from '../domain/workOrder.ts';
import { announce, type Refusal, type RunListener, type RunResult } from './events.ts';
import type { StationPorts } from './ports/all.ts';
import type { ProvisionRequest, RebootCheck } from './provision/context.ts';
import { provision } from './provision/provision.ts';

export interface NewOrder extends AskedOrder {
  readonly target: Target;
  readonly profile: Profile;
  readonly lastChecks?: LastChecks | undefined;
}

/** Creates a work order that breaks no rule; see `checkNewOrder`. */
export function createOrder(
  ports: Pick<StationPorts, 'inventory' | 'clock' | 'random'>,
  request: NewOrder,
): WorkOrder {
  const { deviceSerials, quantity } = checkNewOrder(request, request.target, request.profile);
  const order: WorkOrder = {
    orderId: newOrderId(ports.random),
    name: request.name,
    targetName: request.target.name,
    profileName: request.profile.name,
    quantity,
    deviceSerials,
    lastChecks: request.lastChecks,
    passwordPolicy: request.passwordPolicy,
    createdAtMs: ports.clock.nowMs(),
    closedAtMs: undefined,
  };
  ports.inventory.createOrder(order);
  return order;
}

/** What a bay does next: the device now in it, or undefined when the bay is done. */
export interface Bay {
  readonly bayName: string;
  next(
    signal: AbortSignal,
  ): Promise<{ readonly portPath: string; readonly deviceSerial: DeviceSerial } | undefined>;
}

export interface OrderRequest {
  readonly order: WorkOrder;
  readonly bays: readonly Bay[];
  readonly target: Target;
  readonly profile: Profile;
  readonly operatorName: string;
  readonly site: string;
  readonly replace: boolean;
  readonly checkReboot?: RebootCheck | undefined;
  /** Seal every device; the host has had that confirmed. */
  readonly seal?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

export type OrderStep =
  | { readonly kind: 'run'; readonly run: RunResult }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

async function provisionOrRefuse(ports: StationPorts, request: ProvisionRequest): Promise<OrderStep> {
  try {
    return { kind: 'run', run: await provision(ports, request) };
  } catch (thrown) {
    const error = asStationError(thrown);
    if (error.side !== 'operator') throw error;
    const { bayName, deviceSerial, listener } = request;
    const refusal: Refusal = { bayName, deviceSerial, failure: { code: error.code, details: error.details } };
    announce(listener, { kind: 'refused', refusal });
    return { kind: 'refused', refusal };
  }
}

/**
 * Runs a work order: the bays work side by side, each one device after the other. A failed device does not stop its bay;
 * trouble of the station (it cannot record any more) stops them all and is thrown.
 */
export async function runOrder(ports: StationPorts, request: OrderRequest): Promise<readonly OrderStep[]> {
  const results: OrderStep[] = [];
  const { order, bays, signal, ...common } = request;
  const { passwordPolicy } = order;
  // Said once, before a device serial is scanned.
  if (passwordPolicy !== undefined) refuseWithoutSlot(request.target);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });

  const workBay = async (bay: Bay): Promise<void> => {
    while (!stop.signal.aborted) {
      const device = await bay.next(stop.signal);
      if (device === undefined) return;
      results.push(
        await provisionOrRefuse(ports, {
          ...common,
          ...device,
          orderId: order.orderId,
          orderName: order.name,
          passwordPolicy,
          bayName: bay.bayName,
          signal: stop.signal,
        }),
      );
    }
  };
  try {
    const outcomes = await Promise.allSettled(
      bays.map((bay) =>
        workBay(bay).catch((thrown: unknown) => {
          stop.abort(thrown);
          throw thrown;
        }),
      ),
    );
    const broken = outcomes.find((outcome) => outcome.status === 'rejected');
    if (broken !== undefined && !signal.aborted) throw broken.reason;
    return results;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
