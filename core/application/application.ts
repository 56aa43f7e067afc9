// The station behind the contract: everything that a window may ask, over the real core. A host gives it folders and a
// wire; it knows neither Electron nor HTTP.

import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { loadProfiles } from '../authority/profileStore.ts';
import type { StationEvent } from '../contract/events.ts';
import type { StationMethods, StationService } from '../contract/rpc/host.ts';
import { systemClock } from '../domain/clock.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import { dataFolder } from '../host/dataFolder.ts';
import { drivers } from '../host/drivers.ts';
import { stationTargets } from '../host/stationTargets.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { listPorts } from '../link/serial/portList.ts';
import { openSerialTransport } from '../link/serial/serialTransport.ts';
import { createAuthorityDesk } from './authorityDesk.ts';
import { createBackupDesk } from './backupDesk.ts';
import { createBatchDesk } from './batchDesk.ts';
import { createBench } from './bench.ts';
import { createCeremonyDesk } from './ceremonyDesk.ts';
import { createConditions } from './conditions.ts';
import { settingsFile } from './deskFile.ts';
import { createFolderDesk } from './folderDesk.ts';
import { watchHealth } from './health.ts';
import { type House, hasStation, openHouse } from './house.ts';
import { createIssueDesk } from './issueDesk.ts';
import { createIssuingCaDesk } from './issuingCaDesk.ts';
import { noKeychain } from './keychain.ts';
import { createKeychainDesk } from './keychainDesk.ts';
import { createOrderDesk } from './orderDesk.ts';
import { createPeopleDesk } from './peopleDesk.ts';
import { hashPin, PIN_ROUNDS } from './pinHash.ts';
import {
  makePracticeStation,
  PRACTICE_OPERATOR,
  PRACTICE_PASSPHRASE,
  PRACTICE_PIN,
  type PracticeFolder,
  practiceBench,
} from './practice.ts';
import { createProfileDesk } from './profileDesk.ts';
import { createRecordDesk } from './recordDesk.ts';
import { createServerDesk } from './serverDesk.ts';
import { createTargetDesk } from './targetDesk.ts';
import { createTrustDesk } from './trustDesk.ts';
import { USUAL_PROFILE, USUAL_TARGET } from './usualChoice.ts';
import { lockNow, unlock } from './workshop.ts';
import { type ApplicationOptions, refuseAtWork, sessionOf, tellSession, type World } from './world.ts';

export type { ApplicationOptions } from './world.ts';

export interface Application extends StationService {
  /** Stops what runs, records it, and lets go of the station. */
  close(): Promise<void>;
}

const PORT_INTERVAL_MS = 400;
/** Longer than a break, shorter than a forgotten evening. */
const LOCK_WHEN_IDLE_MS = 2 * 3_600_000;
const LOCK_CHECK_MS = 5_000;
const PRACTICE_SHIFT_MINUTES = 720;

/** Opens what is in the data folder. A station that cannot be opened says why at the first call, not here. */
export function createApplication(given: ApplicationOptions): Application {
  const options: Required<ApplicationOptions> = {
    restarted: false,
    clock: systemClock,
    listPorts,
    openTransport: openSerialTransport,
    portIntervalMs: PORT_INTERVAL_MS,
    lockWhenIdleMs: LOCK_WHEN_IDLE_MS,
    lockCheckMs: LOCK_CHECK_MS,
    pinRounds: PIN_ROUNDS,
    keychain: noKeychain,
    ...given,
  };
  refuseNested(options);
  const { clock } = options;
  const listeners = new Set<(event: StationEvent) => void>();
  const emit = (event: StationEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const world: World = {
    options,
    clock,
    emit,
    targets: stationTargets(options.targetsFolder, dataFolder(options.dataRoot), drivers),
    profiles: loadProfiles(options.profilesFolder),
    conditions: createConditions(clock, (conditions) =>
      emit({ event: 'conditions.changed', payload: [...conditions] }),
    ),
    house: undefined,
    houseFailure: undefined,
    signedIn: undefined,
    workshop: undefined,
    runsUnderWay: () => bench.runsUnderWay() + (world.batchUnderWay() === undefined ? 0 : 1),
    batchUnderWay: () => batches.underWay() ?? folders.underWay(),
  };
  const bench = createBench(world);
  const batches = createBatchDesk(world);
  const folders = createFolderDesk(world);
  const health = watchHealth(world);
  let settings = settingsFile(join(options.dataRoot, 'settings.json'));
  let practice: PracticeFolder | undefined;
  let restartToTell = options.restarted;

  const actor = (): string => world.signedIn?.operatorName ?? 'station';

  /** Makes an opened house the world's. */
  function moveIn(house: House): House {
    world.house = house;
    world.houseFailure = undefined;
    world.targets = stationTargets(options.targetsFolder, house.folder, drivers);
    bench.open();
    health.check();
    return house;
  }

  function openReal(): House {
    const { dataRoot: root, listPorts: list, openTransport } = options;
    const house = moveIn(openHouse({ root, clock, actor, listPorts: list, openTransport }));
    if (house.recovered.length > 0) world.conditions.set('recovered', { runs: house.recovered.length });
    return house;
  }

  /** The real station, where there is one; why it cannot be opened is kept and told. */
  function tryOpenReal(): void {
    if (!hasStation(options.dataRoot)) return;
    try {
      openReal();
    } catch (thrown) {
      world.houseFailure = asStationError(thrown);
    }
  }

  async function moveOut(): Promise<void> {
    await bench.close();
    await batches.close();
    await folders.close();
    await lockNow(world);
    world.signedIn = undefined;
    world.house?.close();
    world.house?.practice?.close();
    world.house = undefined;
    world.houseFailure = undefined;
    world.conditions.clearAll();
    practice?.remove();
    practice = undefined;
  }

  async function enterPractice(): Promise<void> {
    refuseAtWork(world);
    const target = world.targets.target(USUAL_TARGET);
    const made = makePracticeStation(options.practiceRoot, clock, target.name, USUAL_PROFILE);
    await moveOut();
    practice = made;
    const simulated = practiceBench();
    const { listPorts: list, openTransport } = simulated;
    const house = moveIn(
      openHouse({ root: made.root, clock, actor, listPorts: list, openTransport, practice: simulated }),
    );
    const pin = await hashPin(PRACTICE_PIN, systemRandom, options.pinRounds);
    const trainee = {
      operatorName: PRACTICE_OPERATOR,
      role: 'supervisor',
      pin,
      badgeHash: undefined,
    } as const;
    house.inventory.createOperator(trainee, PRACTICE_OPERATOR, clock.nowMs());
    await unlock(world, house, PRACTICE_PASSPHRASE, PRACTICE_SHIFT_MINUTES);
    world.signedIn = { operatorName: PRACTICE_OPERATOR, role: 'supervisor' };
  }

  /** One change of house at a time. */
  let moving: Promise<unknown> = Promise.resolve();
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = moving.then(work);
    moving = mine.catch(() => undefined);
    return mine;
  };
  const tellMoved = () => {
    const session = tellSession(world);
    emit({ event: 'bays.layoutChanged', payload: {} });
    emit({ event: 'inventory.changed', payload: {} });
    return session;
  };

  function tellRestart(): void {
    if (!restartToTell) return;
    restartToTell = false;
    const recovered = world.house?.recovered ?? [];
    const payload = {
      runsClosed: recovered.length,
      credentialsDecided: recovered.filter((run) => run.action !== 'none').length,
    };
    // After the answer under way, when the interface has said which events it wants.
    setTimeout(() => emit({ event: 'station.restarted', payload }), 250).unref();
  }

  tryOpenReal();
  const people = createPeopleDesk(world, openReal);
  const methods: StationMethods = {
    ...people,
    ...bench.methods,
    ...batches.methods,
    ...folders.methods,
    ...createOrderDesk(world),
    ...createTargetDesk(world, bench.portsInUse),
    ...createRecordDesk(world),
    ...createAuthorityDesk(world),
    ...createCeremonyDesk(world),
    ...createBackupDesk(world, {
      oneAtATime,
      moveOut,
      moveIn() {
        settings = settingsFile(join(options.dataRoot, 'settings.json'));
        emit({ event: 'settings.changed', payload: settings.get() });
        return openReal();
      },
      tryMoveIn: tryOpenReal,
      tellMoved,
    }),
    ...createKeychainDesk(world),
    ...createIssuingCaDesk(world),
    ...createServerDesk(world),
    ...createIssueDesk(world),
    ...createProfileDesk(world),
    ...createTrustDesk(world),
    'session.get': () => {
      if (world.houseFailure !== undefined) tryOpenReal();
      tellRestart();
      return sessionOf(world);
    },
    'practice.enter': () =>
      oneAtATime(async () => {
        if (world.house?.practice === undefined) await enterPractice();
        return tellMoved();
      }),
    'practice.leave': () =>
      oneAtATime(async () => {
        if (world.house?.practice !== undefined) {
          await moveOut();
          tryOpenReal();
        }
        return tellMoved();
      }),
    'settings.get': () => settings.get(),
    'settings.save': (value) => {
      settings.set({ ...value });
      emit({ event: 'settings.changed', payload: value });
      return value;
    },
  };

  return {
    methods,
    role: () => world.signedIn?.role,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () =>
      oneAtATime(async () => {
        health.stop();
        await moveOut();
      }),
  };
}

/** A practice station inside the real data folder could be taken for a part of it. */
function refuseNested({ dataRoot, practiceRoot }: ApplicationOptions): void {
  const inside = `${resolve(practiceRoot)}${sep}`.startsWith(`${resolve(dataRoot)}${sep}`);
  if (inside || existsSync(dataFolder(practiceRoot).stationFile))
    throw new StationError('value_invalid', {
      field: 'practice folder',
      value: practiceRoot,
      reason: 'inside the data folder',
    });
}
