// The fake's people and house: first start, sign in, operators, settings, practice.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Operator, RecoverySheet } from '../schemas/session.ts';
import { DAY_MS, hexOf, sessionOf, tellSession, type World } from './world.ts';

type Part = Omit<
  Pick<
    StationMethods,
    Extract<
      keyof StationMethods,
      `session.${string}` | `operators.${string}` | `settings.${string}` | `practice.${string}`
    >
  >,
  'session.restoreStation'
>;

export const SHIFT_MS = DAY_MS / 3;

export function fakeSession(world: World): Part {
  const now = world.options.nowMs;
  const sheet = (): RecoverySheet => ({
    stationId: 'station-7c1e22a94f03b1d8',
    stationName: world.stationName,
    site: world.site,
    createdAtMs: now(),
    softwareVersion: '0.1.0',
    dataFolder: '/var/lib/keyline',
    backupFolder: '/var/lib/keyline/backups',
    rootSubject: `CN=${world.site} Root CA, O=${world.site}`,
    rootSha256: hexOf(1, 71, 64),
    rootNotAfterMs: now() + 20 * 365 * DAY_MS,
    issuingSubject: `CN=${world.site} Issuing CA 1, O=${world.site}`,
    issuingSha256: hexOf(2, 71, 64),
    issuingNotAfterMs: now() + 10 * 365 * DAY_MS,
    filesToKeep: [
      'inventory.sqlite (through “Back up now”)',
      'authority/root.key',
      'authority/issuing.key',
      'authority/chain.pem',
    ],
  });

  const shown = ({ operatorName, role, hasBadge, active, lastSignInAtMs }: Operator): Operator => ({
    operatorName,
    role,
    hasBadge,
    active,
    ...(lastSignInAtMs === undefined ? {} : { lastSignInAtMs }),
  });

  return {
    'session.get': () => sessionOf(world),
    'session.createStation': async ({ stationName, site, supervisor }) => {
      if (world.stage !== 'no-station') throw new StationError('authority_exists');
      await new Promise<void>((resolve) => world.options.later(resolve, 1_200));
      Object.assign(world, { stage: 'signed-in', stationName, site });
      world.operators = [
        { ...supervisor, role: 'supervisor', hasBadge: false, active: true, badge: undefined },
      ];
      world.signedIn = { operatorName: supervisor.operatorName, role: 'supervisor' };
      world.lock = { state: 'unlocked', locksAtMs: now() + SHIFT_MS };
      tellSession(world);
      return sheet();
    },
    'session.checkAuthority': ({ filesPassphrase }) => {
      if (filesPassphrase === 'wrong')
        throw new StationError('passphrase_wrong', { meaning: 'import-password-wrong' });
      const { rootSubject, issuingSubject, issuingNotAfterMs } = sheet();
      return { rootSubject, issuingSubject, issuingNotAfterMs };
    },
    'session.recoverySheet': sheet,
    'session.operatorNames': () =>
      world.operators.filter(({ active }) => active).map((one) => one.operatorName),
    'session.signIn': async (input) => {
      await new Promise<void>((resolve) => world.options.later(resolve, 250));
      const found = world.operators.find((one) =>
        input.kind === 'badge'
          ? one.badge === input.badge
          : one.operatorName === input.operatorName && one.pin === input.pin,
      );
      if (found === undefined || !found.active) throw new StationError('sign_in_refused');
      world.signedIn = { operatorName: found.operatorName, role: found.role };
      world.stage = 'signed-in';
      return tellSession(world);
    },
    'session.ping': () => (world.hangs ? new Promise(() => {}) : {}),
    'session.signOut': () => {
      world.signedIn = undefined;
      world.stage = 'signed-out';
      return tellSession(world);
    },
    'session.conditions': () => world.conditions,
    'session.dismissCondition': ({ kind }) => {
      world.conditions = world.conditions.filter((condition) => condition.kind !== kind);
      world.emit({ event: 'conditions.changed', payload: [...world.conditions] });
      return {};
    },
    'practice.enter': () => {
      Object.assign(world, {
        practice: true,
        stage: 'signed-in',
        stationName: 'Practice station',
        site: 'Practice',
      });
      world.signedIn = { operatorName: 'Trainee', role: 'supervisor' };
      world.lock = { state: 'unlocked', locksAtMs: now() + SHIFT_MS };
      return tellSession(world);
    },
    'practice.leave': () => {
      Object.assign(world, {
        practice: false,
        stage: world.options.stage === 'no-station' ? 'no-station' : 'signed-out',
      });
      world.signedIn = undefined;
      return tellSession(world);
    },

    'operators.list': () => world.operators.map(shown),
    'operators.create': ({ operatorName, role, pin, badge }) => {
      if (world.operators.some((one) => one.operatorName.toLowerCase() === operatorName.toLowerCase())) {
        throw new StationError('operator_exists', { name: operatorName });
      }
      const operator = { operatorName, role, pin, badge, hasBadge: badge !== undefined, active: true };
      world.operators.push(operator);
      return shown(operator);
    },
    'operators.change': ({ operatorName, role, pin, badge, active }) => {
      const index = world.operators.findIndex((one) => one.operatorName === operatorName);
      const before = world.operators[index];
      if (before === undefined) throw new StationError('operator_unknown', { name: operatorName });
      const nextBadge = badge === undefined ? before.badge : (badge ?? undefined);
      const after = {
        ...before,
        role: role ?? before.role,
        pin: pin ?? before.pin,
        badge: nextBadge,
        hasBadge: nextBadge !== undefined,
        active: active ?? before.active,
      };
      world.operators[index] = after;
      return shown(after);
    },

    'settings.get': () => world.settings,
    'settings.save': (settings) => {
      world.settings = settings;
      world.emit({ event: 'settings.changed', payload: settings });
      return settings;
    },
  };
}
