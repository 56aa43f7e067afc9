// Brings a database to the form this program knows, one numbered step after the other, each in its own transaction.

import type Sqlite from 'better-sqlite3';
import { StationError } from '../../domain/stationError.ts';
import { MIGRATIONS, type Migration } from './migrations/index.ts';

/** "KEYL", in the file's header, says whose database it is (sqlite.org/fileformat2.html 1.3.17). */
export const APPLICATION_ID = 0x4b45594c;

export const newestVersion = (migrations: readonly Migration[] = MIGRATIONS): number =>
  migrations.at(-1)?.version ?? 0;

const pragmaNumber = (database: Sqlite.Database, name: string): number =>
  Number(database.pragma(name, { simple: true }));

/**
 * Looks at a file without changing it and returns its version, 0 for an empty one. Throws `inventory_invalid` for a file
 * that is not an inventory and `inventory_newer` for one that a newer Keyline wrote.
 */
export function checkVersion(database: Sqlite.Database, path: string): number {
  const version = pragmaNumber(database, 'user_version');
  const applicationId = pragmaNumber(database, 'application_id');
  if (applicationId !== APPLICATION_ID) {
    const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    const blank = applicationId === 0 && version === 0 && tables === 0;
    if (!blank) throw new StationError('inventory_invalid', { path, reason: 'not-an-inventory' });
    return 0;
  }
  const known = newestVersion();
  if (version > known) throw new StationError('inventory_newer', { path, found: version, known });
  if (!MIGRATIONS.some((migration) => migration.version === version)) {
    throw new StationError('inventory_invalid', { path, reason: 'version-unknown', found: version });
  }
  return version;
}

/** Applies every step above the database's version; `migrations` is named only to build an older form in a test. */
export function migrate(database: Sqlite.Database, migrations: readonly Migration[] = MIGRATIONS): void {
  for (const migration of migrations) {
    database
      .transaction(() => {
        // Read inside the transaction: another process may have migrated while this one waited for the lock.
        if (pragmaNumber(database, 'user_version') >= migration.version) return;
        database.exec(migration.sql);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
}
