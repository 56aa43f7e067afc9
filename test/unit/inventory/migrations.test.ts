// A released migration never changes: databases in the field were made by it. A failing hash here means: write a new step.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../../core/inventory/database/migrations/index.ts';

const RELEASED: Readonly<Record<string, string>> = {};

it('leaves every released migration as it was', () => {
  const found = Object.fromEntries(
    MIGRATIONS.map(({ version, name, sql }) => [
      `${version} ${name}`,
      createHash('sha256').update(sql).digest('hex'),
    ]),
  );
  expect(found).toEqual(RELEASED);
});

it('numbers migrations upwards from 10', () => {
  const versions = MIGRATIONS.map((migration) => migration.version);
  expect(versions[0]).toBe(10);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
});
