import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { serialDrivers } from '../../../core/link/drivers.ts';
import { createFilesDriver } from '../../../core/link/files/filesDriver.ts';
import { loadTargets } from '../../../core/link/targetStore.ts';

const folder = fileURLToPath(new URL('../../../resources/targets', import.meta.url));
const pages = fileURLToPath(new URL('../../../docs/targets', import.meta.url));
const files = createFilesDriver({
  random: { bytes: (size) => new Uint8Array(size) },
  passphrase: () => undefined,
});
const { targets } = loadTargets(folder, [...serialDrivers, files]);

describe('the shipped targets', () => {
  it('are all taken by a driver', () => {
    expect(targets.length).toBeGreaterThanOrEqual(13);
  });

  it.each(targets.map(({ name, driver }) => [name, driver]))(
    '%s has a page that names it',
    (name, driver) => {
      const page = [`${pages}/${name}.md`, `${pages}/${driver}.md`].find((path) => existsSync(path));
      expect(page).toBeDefined();
      expect(readFileSync(page ?? '', 'utf8')).toContain(`\`${driver}\``);
    },
  );

  it.each(targets.map(({ name }) => name))('%s stands in the tables of supported hardware', (name) => {
    const row = new RegExp(`^\\| (\\[${name}\\]\\(|${name} )`, 'm');
    expect(readFileSync(`${pages}/README.md`, 'utf8')).toMatch(row);
    expect(readFileSync(`${pages}/../../README.md`, 'utf8')).toMatch(row);
  });

  it('hold no secret and no path of a machine', () => {
    for (const { options } of targets)
      expect(JSON.stringify(options)).not.toMatch(/passphrase|\/home\/|\/root\//);
  });
});
