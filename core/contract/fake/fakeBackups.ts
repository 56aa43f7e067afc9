// The fake's backups: a few that are there, one that is made, and one that is brought from elsewhere.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Backup } from '../schemas/session.ts';
import { DAY_MS, tellSession, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  Extract<keyof StationMethods, `backup.${string}`> | 'session.restoreStation'
>;

export function fakeBackups(world: World): Part {
  const now = world.options.nowMs;
  const backup = (createdAtMs: number, devices: number): Backup => {
    const backupId = `keyline-backup-${new Date(createdAtMs).toISOString().replace(/[:.]/g, '-')}.tar`;
    return {
      backupId,
      path: `/var/lib/keyline/backups/${backupId}`,
      ...{ stationId: 'station-7c1e22a94f03b1d8', stationName: world.stationName, site: world.site },
      ...{ softwareVersion: '0.1.0', createdAtMs, devices },
      sizeBytes: 1_048_576 + devices * 713,
    };
  };
  const backups = [1, 2, 5, 12].map((days) => backup(now() - days * DAY_MS, 100_000 - days * 611));
  let received = '';
  const refuseUnknown = (backupId: string): void => {
    if (!backups.some((one) => one.backupId === backupId)) throw new StationError('backup_unknown');
  };

  return {
    'backup.list': () => backups,
    'backup.create': async () => {
      await new Promise<void>((resolve) => world.options.later(resolve, 900));
      const made = backup(now(), world.options.inventoryRows);
      backups.unshift(made);
      return made;
    },
    'backup.receive': ({ offset, base64, last }) => {
      received = offset === 0 ? atob(base64) : received + atob(base64);
      if (!last) return { sizeBytes: received.length };
      if (!received.startsWith('keyline-backup'))
        throw new StationError('backup_damaged', { reason: 'no-backup' });
      const taken = backup(now() - 3 * DAY_MS, 41_002);
      backups.unshift(taken);
      return { sizeBytes: received.length, backup: taken };
    },
    'backup.restore': ({ backupId }) => {
      refuseUnknown(backupId);
      world.emit({ event: 'station.restarted', payload: { runsClosed: 0, credentialsDecided: 0 } });
      return {};
    },
    'session.restoreStation': ({ backupId }) => {
      refuseUnknown(backupId);
      if (world.stage !== 'no-station') throw new StationError('station_exists');
      Object.assign(world, { stage: 'signed-out', lock: { state: 'locked' } });
      tellSession(world);
      return {};
    },
  };
}
