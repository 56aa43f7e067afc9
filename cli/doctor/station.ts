// What this station needs: room on its disk, its lock free, records that keep their invariants, an authority that still lives.

import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { openAuthority } from '../../core/authority/authority.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { asStationError } from '../../core/domain/stationError.ts';
import { CRL_WARNING_MS, storedCrls } from '../../core/host/crlFiles.ts';
import type { DataFolder } from '../../core/host/dataFolder.ts';
import { openReadOnlyRecords, stationFacts } from '../../core/host/openRecords.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { acquireStationLock } from '../../core/inventory/database/stationLock.ts';
import { failureWords } from '../output/failureWords.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const FREE_BYTES_MIN = 100 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const EXPIRES_SOON_MS = 365 * DAY_MS;

export function checkStation(folder: DataFolder, nowMs = systemClock.nowMs()): readonly Finding[] {
  const space = checkSpace(folder.root);
  try {
    const { name, site } = stationFacts(folder);
    return [
      space,
      ok('Station', `${name} at ${site}, in ${folder.root}`),
      attempt('Lock', () => checkLock(folder)),
      attempt('Clock', () => checkClock(folder, nowMs)),
      attempt('Authority', () => checkAuthority(folder)),
      attempt('CRL', () => checkLists(folder)),
      attempt('Inventory', () => checkInventory(folder)),
    ];
  } catch (thrown) {
    return [space, fromError('Station', thrown)];
  }
}

function attempt(name: string, check: () => Finding): Finding {
  try {
    return check();
  } catch (thrown) {
    return fromError(name, thrown);
  }
}

function fromError(name: string, thrown: unknown): Finding {
  const { what, next } = failureWords(asStationError(thrown));
  return problem(name, what, next);
}

function checkSpace(root: string): Finding {
  let path = root;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  const { bavail, bsize } = statfsSync(path);
  const freeBytes = bavail * bsize;
  const free = `${Math.floor(freeBytes / 1024 / 1024)} MB free`;
  return freeBytes < FREE_BYTES_MIN
    ? problem('Disk', `only ${free} at ${path}`, 'free some room before provisioning')
    : ok('Disk', free);
}

function checkLock(folder: DataFolder): Finding {
  acquireStationLock(folder.root, systemClock.nowMs()).release();
  return ok('Lock', 'no other Keyline has this data folder');
}

/** Nothing is signed while the clock is behind what was signed before. */
function checkClock(folder: DataFolder, nowMs: number): Finding {
  const records = openReadOnlyRecords(folder);
  try {
    const newestMs = records.inventory.newestIssuedAtMs();
    if (newestMs === undefined || newestMs <= nowMs)
      return ok('Clock', 'is not behind any certificate issued here');
    const [now, newest] = [nowMs, newestMs].map((atMs) =>
      new Date(atMs).toISOString().slice(0, 16).replace('T', ' '),
    );
    return problem(
      'Clock',
      `says ${now} UTC, but a certificate was issued here at ${newest} UTC`,
      'set the date and time (sudo date -s "2031-12-31 15:00", or timedatectl); until then nothing is signed',
    );
  } finally {
    records.close();
  }
}

function checkAuthority(folder: DataFolder): Finding {
  const authority = openAuthority({ folder: folder.authority, clock: systemClock, random: systemRandom });
  const leftMs = authority.notAfterMs - systemClock.nowMs();
  const end = new Date(authority.notAfterMs).toISOString().slice(0, 10);
  return leftMs < EXPIRES_SOON_MS
    ? warning('Authority', `its certificates end on ${end}`, 'plan a new issuing CA')
    : ok('Authority', `may issue until ${end}`);
}

/** A site without any list does not use them; one with some needs all, in time. */
function checkLists(folder: DataFolder): Finding {
  const lists = storedCrls(folder.authority, systemClock.nowMs(), CRL_WARNING_MS);
  if (lists.every((one) => one.freshness === 'missing')) return ok('CRL', 'no revocation lists in use');
  const named = (state: string): string =>
    lists
      .filter((one) => one.freshness === state)
      .map((one) => (one.ca === 'root' ? 'root' : `issuing CA ${one.label}`))
      .join(', ');
  const mend = 'keyline crl; the root’s list comes from a ceremony (keyline ceremony crl)';
  if (named('expired') !== '')
    return problem('CRL', `ended: ${named('expired')}; servers refuse every device`, mend);
  if (named('missing') !== '')
    return problem('CRL', `missing: ${named('missing')}; servers refuse every device`, mend);
  if (named('due') !== '') return warning('CRL', `ends within a week: ${named('due')}`, mend);
  const end = Math.min(...lists.map((one) => one.nextUpdateMs ?? Number.POSITIVE_INFINITY));
  return ok('CRL', `good until ${new Date(end).toISOString().slice(0, 10)}`);
}

function checkInventory(folder: DataFolder): Finding {
  const records = openReadOnlyRecords(folder);
  try {
    const [first, ...more] = records.inventory.checkInvariants();
    if (first === undefined) return ok('Inventory', 'every invariant holds, the audit chain included');
    return problem(
      'Inventory',
      `${first.kind} at ${first.id}: ${first.detail}${more.length > 0 ? ` (and ${more.length} more)` : ''}`,
      'keep this data folder as it is and restore the last backup beside it',
    );
  } finally {
    records.close();
  }
}
