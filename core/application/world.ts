// What the desks of the application share: the station that is open, who works at it, and the way to tell the interfaces.

import type { StationEvent } from '../contract/events.ts';
import type { Role } from '../contract/schemas/common.ts';
import type { Session } from '../contract/schemas/session.ts';
import type { Clock } from '../domain/clock.ts';
import type { Profile } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import type { StationTargets } from '../host/stationTargets.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OpenTransport } from '../link/driverRegistry.ts';
import type { PortLister } from '../link/serial/portInfo.ts';
import type { StationPorts } from '../station/ports/all.ts';
import type { Conditions } from './conditions.ts';
import type { House } from './house.ts';
import type { Keychain } from './keychain.ts';

export interface ApplicationOptions {
  /** The data folder of the real station. */
  readonly dataRoot: string;
  /** Where practice stations live and die; never inside `dataRoot`. */
  readonly practiceRoot: string;
  readonly profilesFolder: string;
  readonly targetsFolder: string;
  readonly softwareVersion: string;
  /** This process replaces one that died: interfaces are told so. */
  readonly restarted?: boolean;
  readonly clock?: Clock;
  readonly listPorts?: PortLister;
  readonly openTransport?: OpenTransport;
  /** How often ports are looked for. */
  readonly portIntervalMs?: number;
  /** The authority locks when nothing was signed for so long. */
  readonly lockWhenIdleMs?: number;
  /** How often that, and the end of the shift, are looked for. */
  readonly lockCheckMs?: number;
  /** None unless the host has one. */
  readonly keychain?: Keychain;
  /** Fewer than the default only in tests. */
  readonly pinRounds?: number;
}

/** What can be done only while the authority is unlocked; see workshop.ts. */
export interface Workshop {
  readonly ports: StationPorts & { readonly inventory: Inventory };
  unlockedAtMs: number;
  locksAtMs: number;
  /** Asked to close; it does when the last run has ended, and none begins until then. */
  closing: boolean;
  /** For keys that are written while it is open; wiped when it closes. */
  readonly passphrase: Secret;
  close(): Promise<void>;
}

export interface World {
  readonly options: Required<ApplicationOptions>;
  readonly clock: Clock;
  /** Read anew when the house or the station's own targets change. */
  targets: StationTargets;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly conditions: Conditions;
  readonly emit: (event: StationEvent) => void;
  house: House | undefined;
  /** Why the station that is in the data folder could not be opened. */
  houseFailure: StationError | undefined;
  signedIn: { readonly operatorName: string; readonly role: Role } | undefined;
  /** What exists only while the authority is unlocked. */
  workshop: Workshop | undefined;
  /** How many bays are at work; what is issued without a bay counts as one. */
  runsUnderWay: () => number;
  /** The order that is being issued without a bay: as a batch, or to a folder. */
  batchUnderWay: () => string | undefined;
}

/** The open station; `station_missing`, or why it could not be opened. */
export function houseOf(world: World): House {
  if (world.house !== undefined) return world.house;
  throw world.houseFailure ?? new StationError('station_missing', { path: world.options.dataRoot });
}

/** Who is signed in; the contract let nobody else through. `signed_out` when that changed meanwhile. */
export function operatorOf(world: World): string {
  if (world.signedIn === undefined) throw new StationError('signed_out');
  return world.signedIn.operatorName;
}

/** For what must not stand beside a batch or an order that goes to a folder; `batch_busy`. */
export function refuseDuringBatch(world: World): void {
  const orderId = world.batchUnderWay();
  if (orderId !== undefined)
    throw new StationError('batch_busy', { order: houseOf(world).inventory.orderName(orderId) });
}

/** For what takes the whole station: a batch, another house, another set of CAs. `batch_busy`, `bay_busy`. */
export function refuseAtWork(world: World): void {
  refuseDuringBatch(world);
  if (world.runsUnderWay() > 0) throw new StationError('bay_busy', {});
}

export function sessionOf(world: World): Session {
  const { house, signedIn, workshop } = world;
  if (world.houseFailure !== undefined) throw world.houseFailure;
  const isFounded = house !== undefined && house.inventory.operators().length > 0;
  const orderId = house?.desk.get().currentOrderId;
  const order = orderId === undefined ? undefined : house?.inventory.orderName(orderId);
  return {
    stage: !isFounded ? 'no-station' : signedIn === undefined ? 'signed-out' : 'signed-in',
    practice: house?.practice !== undefined,
    softwareVersion: world.options.softwareVersion,
    lock:
      house === undefined
        ? { state: 'missing' }
        : workshop === undefined || workshop.closing
          ? { state: 'locked' }
          : { state: 'unlocked', locksAtMs: workshop.locksAtMs },
    ...(house === undefined || !isFounded
      ? {}
      : {
          station: {
            stationId: house.facts.stationId,
            stationName: house.facts.name,
            site: house.facts.site,
          },
        }),
    ...(signedIn === undefined ? {} : { operator: signedIn }),
    ...(order === undefined || orderId === undefined ? {} : { currentOrder: { orderId, name: order } }),
  };
}

export function tellSession(world: World): Session {
  const session = sessionOf(world);
  world.emit({ event: 'session.changed', payload: session });
  return session;
}
