// What one step of the database's form is.

export interface Migration {
  /** Becomes `user_version`; steps of ten leave room for a repair in between. */
  readonly version: number;
  readonly name: string;
  /** Runs in one transaction. Never changed once released: test/unit/inventory/migrations.test.ts pins its SHA-256. */
  readonly sql: string;
}
