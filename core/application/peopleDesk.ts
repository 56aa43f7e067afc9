// First start, sign-in and operators.

import { join } from 'node:path';
import { AUTHORITY_FILES } from '../authority/chain.ts';
import { profileNamed } from '../authority/profileStore.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { NewStation, Operator, RecoverySheet } from '../contract/schemas/session.ts';
import { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { dataFolder } from '../host/dataFolder.ts';
import { readExistingAuthority } from '../host/existingAuthority.ts';
import { type AuthoritySource, initStation } from '../host/initStation.ts';
import { systemRandom } from '../host/systemRandom.ts';
import type { OperatorRecord } from '../inventory/stores/operatorStore.ts';
import { withFiles } from './broughtFiles.ts';
import type { House } from './house.ts';
import { hashBadge, hashPin } from './pinHash.ts';
import { createSignIn } from './signIn.ts';
import { unlock } from './workshop.ts';
import { houseOf, operatorOf, sessionOf, tellSession, type World } from './world.ts';

type Part = Omit<
  Pick<StationMethods, Extract<keyof StationMethods, `session.${string}` | `operators.${string}`>>,
  'session.restoreStation'
>;

const SITE_MAX_LENGTH = 40;
const NAME_MAX_LENGTH = 64;
const FIRST_SHIFT_MINUTES = 480;

const operatorView = (record: OperatorRecord): Operator => ({
  operatorName: record.operatorName,
  role: record.role,
  hasBadge: record.badgeHash !== undefined,
  active: record.active,
  lastSignInAtMs: record.lastSignInAtMs,
});

export function recoverySheet(world: World, house: House): RecoverySheet {
  const { facts, folder, authority } = house;
  const root = describeCertificate(authority.rootDer);
  const issuing = describeCertificate(authority.issuingDer);
  return {
    stationId: facts.stationId,
    stationName: facts.name,
    site: facts.site,
    createdAtMs: facts.createdAtMs,
    softwareVersion: world.options.softwareVersion,
    dataFolder: folder.root,
    backupFolder: join(folder.root, 'backups'),
    rootSubject: root.subject,
    rootSha256: root.sha256,
    rootNotAfterMs: root.notAfterMs,
    issuingSubject: issuing.subject,
    issuingSha256: issuing.sha256,
    issuingNotAfterMs: issuing.notAfterMs,
    filesToKeep: [
      'inventory.db',
      'station.json',
      ...[
        AUTHORITY_FILES.root,
        AUTHORITY_FILES.rootKey,
        AUTHORITY_FILES.issuing,
        AUTHORITY_FILES.issuingKey,
      ].map((name) => `authority/${name}`),
    ],
  };
}

/** Lends where the authority comes from. */
function withSource<T>(authority: NewStation['authority'], work: (source: AuthoritySource) => T): T {
  switch (authority.kind) {
    case 'create':
      return work({ kind: 'create', organisation: authority.organisation });
    case 'import':
      return withFiles(authority, (files, filesPassphrase) =>
        work({ kind: 'import', files, filesPassphrase }),
      );
    case 'existing':
      return work({ kind: 'existing' });
  }
}

function refuseTooLong(field: string, value: string, limit: number): void {
  if (value.length > limit)
    throw new StationError('value_invalid', { field, value, reason: 'too-long', limit });
}

/** `openReal` opens the station in the data folder and makes it the world's. */
export function createPeopleDesk(world: World, openReal: () => House): Part {
  const { clock } = world;
  const signIn = createSignIn(world);
  const pinHash = (pin: string) => hashPin(pin, systemRandom, world.options.pinRounds);
  const badgeHash = (badge: string) =>
    hashBadge(badge, houseOf(world).facts.stationId, world.options.pinRounds);

  async function createStation(input: NewStation): Promise<RecoverySheet> {
    const { stationName, site, authority, supervisor, targetName, profileName } = input;
    if (sessionOf(world).stage !== 'no-station') throw new StationError('authority_exists', {});
    refuseTooLong('site', site, SITE_MAX_LENGTH);
    refuseTooLong('station name', stationName, NAME_MAX_LENGTH);
    world.targets.target(targetName);
    profileNamed(world.profiles, profileName);
    const passphrase = Secret.fromText(authority.passphrase);
    let house = world.house;
    try {
      const pin = await pinHash(supervisor.pin);
      // A station of the command line stands already: it lacks only its first supervisor, and the passphrase proves who asks.
      house?.close();
      world.house = undefined;
      withSource(authority, (source) =>
        initStation({
          folder: dataFolder(world.options.dataRoot),
          site,
          name: stationName,
          operatorName: supervisor.operatorName,
          passphrase,
          authority: source,
          clock,
          random: systemRandom,
        }),
      );
      house = openReal();
      house.desk.set({ ...house.desk.get(), targetName, profileName });
      const { operatorName } = supervisor;
      const created = { operatorName, role: 'supervisor', pin, badgeHash: undefined } as const;
      house.inventory.createOperator(created, operatorName, clock.nowMs());
    } catch (thrown) {
      if (world.house === undefined && house !== undefined) openReal();
      throw thrown;
    } finally {
      passphrase.wipe();
    }
    await unlock(world, house, authority.passphrase, FIRST_SHIFT_MINUTES);
    world.signedIn = { operatorName: supervisor.operatorName, role: 'supervisor' };
    tellSession(world);
    return recoverySheet(world, house);
  }

  return {
    'session.get': () => sessionOf(world),
    'session.ping': () => ({}),
    'session.createStation': createStation,
    'session.checkAuthority': (brought) => {
      if (sessionOf(world).stage !== 'no-station') throw new StationError('authority_exists', {});
      const { chainDer } = withFiles(brought, (files, passphrase) =>
        readExistingAuthority({ files, passphrase, nowMs: clock.nowMs() }),
      );
      // A root that signs by itself is both.
      const [issuing, root = issuing] = chainDer.map(describeCertificate);
      if (issuing === undefined || root === undefined) throw new StationError('internal', {});
      return {
        rootSubject: root.subject,
        issuingSubject: issuing.subject,
        issuingNotAfterMs: issuing.notAfterMs,
      };
    },
    'session.recoverySheet': () => recoverySheet(world, houseOf(world)),
    'session.operatorNames': () =>
      (world.house?.inventory.operators() ?? [])
        .filter(({ active }) => active)
        .map(({ operatorName }) => operatorName),
    'session.signIn': async (input) => {
      const house = houseOf(world);
      const { operatorName, role } = await signIn(house, input);
      if (world.house !== house) throw new StationError('signed_out');
      world.signedIn = { operatorName, role };
      return tellSession(world);
    },
    'session.signOut': () => {
      const actor = operatorOf(world);
      houseOf(world).inventory.append({ act: 'signed-out', actor, atMs: clock.nowMs(), details: {} });
      world.signedIn = undefined;
      return tellSession(world);
    },
    'session.conditions': () => world.conditions.list(),
    'session.dismissCondition': ({ kind }) => {
      // Only what is told once: the others stand until they are mended.
      if (kind === 'recovered') world.conditions.clear(kind);
      return {};
    },
    'operators.list': () => houseOf(world).inventory.operators().map(operatorView),
    'operators.create': async ({ operatorName, role, pin, badge }) => {
      const { inventory } = houseOf(world);
      const hashes = {
        pin: await pinHash(pin),
        badgeHash: badge === undefined ? undefined : await badgeHash(badge),
      };
      return operatorView(
        inventory.createOperator({ operatorName, role, ...hashes }, operatorOf(world), clock.nowMs()),
      );
    },
    'operators.change': async ({ operatorName, role, pin, badge, active }) => {
      const { inventory } = houseOf(world);
      const change = {
        ...{ role, active },
        pin: pin === undefined ? undefined : await pinHash(pin),
        badgeHash: badge === undefined || badge === null ? badge : await badgeHash(badge),
      };
      const changed = inventory.changeOperator(operatorName, change, operatorOf(world), clock.nowMs());
      if (world.signedIn?.operatorName === changed.operatorName) {
        world.signedIn = changed.active
          ? { operatorName: changed.operatorName, role: changed.role }
          : undefined;
        tellSession(world);
      }
      return operatorView(changed);
    },
  };
}
