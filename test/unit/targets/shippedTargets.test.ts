import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { VerificationCheck } from '../../../core/domain/verification.ts';
import { targetStrength } from '../../../core/host/targetStrength.ts';
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

interface Row {
  readonly page: string;
  readonly custody: string;
  readonly certificates: string;
  readonly key: string;
}

/** The rows of the table of supported hardware, by target. */
function tableOf(path: string): ReadonlyMap<string, Row> {
  const rows = readFileSync(path, 'utf8').matchAll(
    /^\| \[([a-z0-9-]+)\]\(([^)#]+\.md)[^)]*\) *\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm,
  );
  return new Map(
    [...rows].map(([, name = '', page = '', , custody = '', certificates = '', key = '']) => [
      name,
      { page, custody: custody.trim(), certificates: certificates.trim(), key: key.trim() },
    ]),
  );
}

const tables = [`${pages}/../../README.md`, `${pages}/README.md`].map((path) => ({
  name: path.includes('..') ? 'README.md' : 'docs/targets/README.md',
  path,
  rows: tableOf(path),
}));

const CUSTODY_CELLS: Readonly<Record<string, string>> = {
  'on-device': 'on device',
  'on-device station-memory': 'on device (or station)',
  'station-memory': 'station',
  file: 'file',
};
const CHECK_CELLS: Readonly<Record<VerificationCheck, string>> = {
  'device-digest': 'device digest',
  'read-back': 'read back',
  'proof-of-possession': 'proof of possession',
  'length-only': 'length only',
  impossible: 'cannot be checked',
};

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

  it.each(tables)(
    'stand in the table of $name, each with its page, and nothing else does',
    ({ path, rows }) => {
      expect([...rows.keys()].sort()).toEqual(targets.map(({ name }) => name).sort());
      for (const { page } of rows.values()) expect(existsSync(join(dirname(path), page))).toBe(true);
    },
  );

  // families.test.ts holds that strength against what runs with simulated devices show.
  it.each(targets.map((target) => [target.name, target] as const))(
    '%s: custody and strength of the tables are those of the code',
    (name, target) => {
      const { custody, certificates, key } = targetStrength(target);
      for (const { rows } of tables) {
        const row = rows.get(name);
        expect(row?.custody).toBe(CUSTODY_CELLS[custody.join(' ')]);
        // The best comes first; behind it may stand what a build shows that lacks something.
        expect(row?.certificates.startsWith(CHECK_CELLS[certificates])).toBe(true);
        const keyCell = row?.key === 'the same' ? row.certificates : row?.key;
        expect(keyCell?.startsWith(CHECK_CELLS[key])).toBe(true);
      }
    },
  );

  it('hold no secret and no path of a machine', () => {
    for (const { options } of targets)
      expect(JSON.stringify(options)).not.toMatch(/passphrase|\/home\/|\/root\//);
  });
});
