// Whatever the core and the command line write into the audit log has a name in the window, in every language.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import de from '../../../resources/text/de.json' with { type: 'json' };
import en from '../../../resources/text/en.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..', '..');
const FOLDERS = ['core/inventory', 'core/application', 'core/host', 'core/authority', 'core/station', 'cli'];

/** As the sources write them: `act: 'run-closed'`. */
const acts = new Set(
  FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) =>
        [...readFileSync(join(root, folder, path), 'utf8').matchAll(/\bact: '([a-z-]+)'/g)].map(
          ([, act]) => act ?? '',
        ),
      ),
  ),
);

describe('the log’s acts', () => {
  it('are found in the sources', () => {
    expect(acts).toContain('run-closed');
    expect(acts.size).toBeGreaterThan(15);
  });

  it.each([
    ['en', en],
    ['de', de],
  ])('all have a name in %s', (_, text) => {
    const named = Object.keys(text.log.acts);
    expect([...acts].filter((act) => !named.includes(act))).toEqual([]);
  });
});
