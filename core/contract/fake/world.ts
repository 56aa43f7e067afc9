// What the parts of the fake station share. THE FAKE STATION IS NOT A STATION: it signs nothing and touches no port.
// It serves the window's development, its tests and its pictures, and must never be built into the product.

import { StationError } from '../../domain/stationError.ts';
import type { StationEvent } from '../events.ts';
import type { Keychain } from '../schemas/authority.ts';
import { type Failure, failureOf } from '../schemas/common.ts';
import type { Condition, Lock, Operator, Session, Settings } from '../schemas/session.ts';
import type { TargetView } from '../schemas/targets.ts';

export interface FakeOptions {
  readonly nowMs: () => number;
  /** Runs later; divided by `speed`. */
  readonly later: (run: () => void, ms: number) => () => void;
  /** 1: as on a real bench; 20: for tests. */
  readonly speed: number;
  readonly stage: Session['stage'];
  readonly role: 'operator' | 'supervisor';
  readonly practice: boolean;
  readonly bays: number;
  readonly inventoryRows: number;
  readonly orders: boolean;
  readonly longNames: boolean;
  readonly auditIntact: boolean;
  /** Why the keychain cannot be used. */
  readonly keychainTrouble: Keychain['trouble'];
  /** Why the root signs no list; undefined where it does. */
  readonly rootRefuses: 'root_elsewhere' | 'passphrase_wrong' | 'passphrase_delayed' | undefined;
  readonly settings: Settings;
}

export interface World {
  readonly options: FakeOptions;
  readonly emit: (event: StationEvent) => void;
  stage: Session['stage'];
  practice: boolean;
  stationName: string;
  site: string;
  signedIn: { readonly operatorName: string; readonly role: 'operator' | 'supervisor' } | undefined;
  lock: Lock;
  operators: (Operator & { readonly pin: string; readonly badge: string | undefined })[];
  settings: Settings;
  conditions: readonly Condition[];
  currentOrder: { readonly orderId: string; readonly name: string } | undefined;
  targets: readonly TargetView[];
  /** The order that is being issued without a bay: as a batch, or to a folder. */
  issuing: { readonly orderId: string; readonly name: string } | undefined;
  baysAtWork: () => number;
  /** Shows no sign of life. */
  hangs: boolean;
  /** Every method fails with this until it is taken away. */
  broken: StationError | undefined;
}

/** A well-mixed number in [0, 2^32) for an index: the same every time. */
export function mix(index: number, salt = 0): number {
  let x = (index + 0x9e3779b9 + Math.imul(salt, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  return (x ^ (x >>> 15)) >>> 0;
}

export const mixText = (text: string): number =>
  [...text].reduce((sum, c) => mix(c.codePointAt(0) ?? 0, sum), 7);

/** `length` hex digits that belong to `index`. */
export function hexOf(index: number, salt: number, length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++)
    text += mix(index, salt + part * 101)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

export function sessionOf(world: World): Session {
  const { stage, practice, signedIn, lock, currentOrder } = world;
  return {
    stage,
    practice,
    softwareVersion: '0.1.0',
    lock,
    ...(stage === 'no-station'
      ? {}
      : {
          station: {
            stationId: 'station-7c1e22a94f03b1d8',
            stationName: world.stationName,
            site: world.site,
          },
        }),
    ...(signedIn === undefined ? {} : { operator: signedIn }),
    ...(currentOrder === undefined ? {} : { currentOrder }),
  };
}

export const tellSession = (world: World): Session => {
  const session = sessionOf(world);
  world.emit({ event: 'session.changed', payload: session });
  return session;
};

export const unknown = (
  code: 'order_unknown' | 'device_unknown' | 'credential_unknown' | 'bay_unknown',
): never => {
  throw new StationError(code);
};

/** As the station: for what must not stand beside a batch or an order that goes to a folder. */
export function refuseDuringBatch({ issuing }: World): void {
  if (issuing !== undefined) throw new StationError('batch_busy', { order: issuing.name });
}

/** As the station: for what takes the whole bench. */
export function refuseAtWork(world: World): void {
  refuseDuringBatch(world);
  if (world.baysAtWork() > 0) throw new StationError('bay_busy', {});
}

/** As the station: for what needs the CA's key beside that. */
export function refuseIssuing(world: World): void {
  if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
  refuseAtWork(world);
}

/** `target_unknown` */
export function targetNamed({ targets }: World, name: string): TargetView {
  const target = targets.find((one) => one.name === name);
  if (target === undefined)
    throw new StationError('target_unknown', { name, known: targets.map((one) => one.name).join(', ') });
  return target;
}

/** Undefined where the root signs its list. */
export const rootRefusal = ({ options: { rootRefuses } }: World): Failure | undefined =>
  rootRefuses && failureOf(new StationError(rootRefuses, { waitSeconds: 240 }));

export const DAY_MS = 86_400_000;

/** Those who did what the fake's records say. */
export const OPERATORS = ['Ada Lind', 'Bruno Kask', 'Chen Wei', 'Marta Oliveira'] as const;

export const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
