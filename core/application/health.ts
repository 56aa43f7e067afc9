// Looks after what spoils a shift slowly: the disk, the clock, old backups, certificates that end.

import { accessSync, constants, statfsSync } from 'node:fs';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { newestBackupAtMs } from '../host/backup/stationBackup.ts';
import { CRL_WARNING_MS, storedCrls } from '../host/crlFiles.ts';
import { EDGE_SERVER_NAME } from '../host/startEdge.ts';
import { serverView } from './authorityView.ts';
import type { House } from './house.ts';
import type { World } from './world.ts';

const CHECK_MS = 15_000;
const LISTS_CHECK_MS = 5 * 60_000;
const FULL_BYTES = 50_000_000;
const LOW_BYTES = 1_000_000_000;
const DAY_MS = 86_400_000;
const BACKUP_DAYS = 7;
const CA_EXPIRY_DAYS = 180;
const SERVER_EXPIRY_DAYS = 30;

/** Checks now and then; returns the way to stop. */
export function watchHealth(world: World): { check(): void; stop(): void } {
  // A long list takes a moment to read.
  let listsCheckedAtMs = Number.NEGATIVE_INFINITY;
  const check = (): void => {
    try {
      checkDisk(world);
      checkRecords(world);
      const nowMs = world.clock.nowMs();
      if (world.house === undefined || Math.abs(nowMs - listsCheckedAtMs) < LISTS_CHECK_MS) return;
      listsCheckedAtMs = nowMs;
      checkLists(world, world.house);
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

function checkRecords(world: World): void {
  const { house, conditions, clock } = world;
  if (house === undefined) return;
  const nowMs = clock.nowMs();
  const newest = house.inventory.newestIssuedAtMs();
  if (newest !== undefined && nowMs < newest) {
    conditions.set('clock-behind', { minutes: Math.ceil((newest - nowMs) / 60_000) });
  } else conditions.clear('clock-behind');
  checkCertificates(world, house, nowMs);
  if (house.practice !== undefined) return;
  const last = newestBackupAtMs(house.folder) ?? house.facts.createdAtMs;
  const age = Math.floor((nowMs - last) / DAY_MS);
  if (age > BACKUP_DAYS) conditions.set('backup-overdue', { days: age });
  else conditions.clear('backup-overdue');
}

/** The first that ends soon: an issuing CA that signs, or a server's certificate. */
function checkCertificates({ conditions }: World, house: House, nowMs: number): void {
  const { authority, inventory } = house;
  const { active, profiles } = authority.assignment;
  const cas = [...new Set([active, ...Object.values(profiles)])].map((label) => {
    const { issuingDer, notAfterMs } = authority.byLabel(label);
    return { name: describeCertificate(issuingDer).subject, notAfterMs, warnDays: CA_EXPIRY_DAYS };
  });
  const servers = inventory.edgeCredentials().flatMap((credential) => {
    const server = serverView(credential);
    // The station renews its own.
    if (server === undefined || server.revoked || server.serverName === EDGE_SERVER_NAME) return [];
    return [{ name: server.serverName, notAfterMs: server.notAfterMs, warnDays: SERVER_EXPIRY_DAYS }];
  });
  const [first] = [...cas, ...servers]
    .filter(({ notAfterMs, warnDays }) => notAfterMs - nowMs < warnDays * DAY_MS)
    .sort((left, right) => left.notAfterMs - right.notAfterMs);
  if (first === undefined) conditions.clear('certificate-expires-soon');
  else {
    const days = Math.max(0, Math.floor((first.notAfterMs - nowMs) / DAY_MS));
    conditions.set('certificate-expires-soon', { name: first.name, days });
  }
}

/** A site without any list does not use them; one with some needs all of them, in time. */
export function checkLists({ conditions, clock }: World, { folder, practice }: House): void {
  if (practice !== undefined) return;
  const nowMs = clock.nowMs();
  const lists = storedCrls(folder.authority, nowMs, CRL_WARNING_MS);
  const inUse = lists.some(({ freshness }) => freshness !== 'missing');
  const over = lists.filter(({ freshness }) => freshness === 'expired' || freshness === 'missing').length;
  const ends = lists
    .filter(({ freshness }) => freshness === 'due')
    .map(({ nextUpdateMs = nowMs }) => nextUpdateMs);
  if (inUse && over > 0) conditions.set('lists-ended', { lists: over });
  else conditions.clear('lists-ended');
  if (inUse && over === 0 && ends.length > 0)
    conditions.set('lists-end-soon', { days: Math.floor((Math.min(...ends) - nowMs) / DAY_MS) });
  else conditions.clear('lists-end-soon');
}
