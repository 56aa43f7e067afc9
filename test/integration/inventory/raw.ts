// The other side: SQL on the closed file, through Node's own SQLite. A second, independent engine, with the settings
// that our connection has, or (`force`) with everything that guards the rows taken away first.

import { DatabaseSync } from 'node:sqlite';

function withDatabase<T>(path: string, action: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;');
    return action(database);
  } finally {
    database.close();
  }
}

/** What SQLite said when it refused `sql`; undefined when it did not. */
export function refusedBySchema(path: string, sql: string): string | undefined {
  return withDatabase(path, (database) => {
    try {
      database.exec(sql);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
}

export const query = (path: string, sql: string): readonly Record<string, unknown>[] =>
  withDatabase(path, (database) => database.prepare(sql).all());

/** Runs `sql` with triggers, foreign keys and checks out of the way; puts the triggers back unless `keepOff`. */
export function force(path: string, sql: string, keepOff = false): void {
  withDatabase(path, (database) => {
    const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
    database.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;');
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
    database.exec(sql);
    if (!keepOff) for (const trigger of triggers) database.exec(String(trigger.sql));
  });
}
