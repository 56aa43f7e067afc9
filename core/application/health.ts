// Looks after what spoils a shift slowly: the disk, the clock, old backups, certificates that end.

import { accessSync, constants, statfsSync } from 'node:fs';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { newestBackupAtMs } from '../host/backup/stationBackup.ts';
import type { World } from './world.ts';

const CHECK_MS = 15_000;
const FULL_BYTES = 50_000_000;
const LOW_BYTES = 1_000_000_000;
const DAY_MS = 86_400_000;
const BACKUP_DAYS = 7;
const EXPIRY_DAYS = 180;

/** Checks now and then; returns the way to stop. */
export function watchHealth(world: World): { check(): void; stop(): void } {
  const check = (): void => {
    try {
      checkDisk(world);
      checkRecords(world);
    } catch {
      // A check that cannot be made says nothing; what cannot be written is told where it is written.
    }
  };
  const timer = setInterval(check, CHECK_MS);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}

function checkDisk({ house, conditions }: World): void {
  if (house === undefined) return;
  const { bavail, bsize } = statfsSync(house.folder.root);
  const freeBytes = bavail * bsize;
  const details = { freeMegabytes: Math.round(freeBytes / 1_000_000) };
  if (freeBytes < FULL_BYTES) conditions.set('disk-full', details);
  else conditions.clear('disk-full');
  // In steps, so that the bench is not told of every megabyte.
  const rounded = { freeMegabytes: Math.ceil(details.freeMegabytes / 100) * 100 };
  if (freeBytes >= FULL_BYTES && freeBytes < LOW_BYTES) conditions.set('disk-low', rounded);
  else conditions.clear('disk-low');
  try {
    accessSync(house.folder.root, constants.W_OK);
    conditions.clear('storage-read-only');
  } catch {
    conditions.set('storage-read-only', { path: house.folder.root });
  }
}

function checkRecords({ house, conditions, clock }: World): void {
  if (house === undefined) return;
  const nowMs = clock.nowMs();
  const newest = house.inventory.newestIssuedAtMs();
  if (newest !== undefined && nowMs < newest) {
    conditions.set('clock-behind', { minutes: Math.ceil((newest - nowMs) / 60_000) });
  } else conditions.clear('clock-behind');
  const issuing = describeCertificate(house.authority.issuingDer);
  const days = Math.floor((house.authority.notAfterMs - nowMs) / DAY_MS);
  if (days < EXPIRY_DAYS) conditions.set('certificate-expires-soon', { name: issuing.subject, days });
  else conditions.clear('certificate-expires-soon');
  if (house.practice !== undefined) return;
  const last = newestBackupAtMs(house.folder) ?? house.facts.createdAtMs;
  const age = Math.floor((nowMs - last) / DAY_MS);
  if (age > BACKUP_DAYS) conditions.set('backup-overdue', { days: age });
  else conditions.clear('backup-overdue');
}
