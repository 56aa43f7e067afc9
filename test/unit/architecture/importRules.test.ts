// A rule that cannot fail guards nothing: every import rule of the architecture is broken here once, in a copy, and must
// say so by name; what is allowed must pass; and so must the real tree.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const configuration = join('build', 'dependency-cruiser.cjs');
const require = createRequire(import.meta.url);
const { forbidden } = require(join(project, configuration)) as { forbidden: readonly { name: string }[] };

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** Runs dependency-cruiser in `folder` and returns what it found. */
function cruise(folder: string, ...roots: string[]): readonly Violation[] {
  const main = join(project, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const result = spawnSync(
    process.execPath,
    [main, '--config', configuration, '--output-type', 'json', ...roots],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  try {
    return JSON.parse(result.stdout).summary.violations;
  } catch {
    throw new Error(`dependency-cruiser did not answer: ${result.stderr}`);
  }
}

/** Rule, the file that breaks it, what the file imports. */
const BROKEN: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['no-cycles', 'core/domain/circleA.ts', './circleB.ts'],
  ['domain-imports-only-itself', 'core/domain/readsFiles.ts', 'node:fs'],
  ['domain-imports-only-itself', 'core/domain/looksUp.ts', '../station/good.ts'],
  ['der-is-a-leaf', 'core/der/looksUp.ts', '../authority/good.ts'],
  ['der-is-a-leaf', 'core/der/borrows.ts', 'zod'],
  ['disk-is-a-leaf', 'core/disk/looksUp.ts', '../der/good.ts'],
  ['authority-is-blind-to-its-neighbours', 'core/authority/bad.ts', '../inventory/good.ts'],
  ['link-is-blind-to-its-neighbours', 'core/link/bad.ts', '../authority/good.ts'],
  ['inventory-is-blind-to-its-neighbours', 'core/inventory/bad.ts', '../edge/good.ts'],
  ['edge-is-blind-to-its-neighbours', 'core/edge/bad.ts', '../station/good.ts'],
  ['simulator-is-blind-to-its-neighbours', 'core/simulator/bad.ts', '../link/good.ts'],
  ['station-constructs-nothing', 'core/station/bad.ts', '../link/good.ts'],
  ['application-serves-hosts-only', 'core/host/bad.ts', '../application/good.ts'],
  ['contract-imports-domain', 'core/contract/bad.ts', '../station/good.ts'],
  ['fake-station-is-never-shipped', 'cli/pretends.ts', '../core/contract/fake/good.ts'],
  ['renderer-imports-contract-and-words', 'renderer/bad.ts', '../core/station/good.ts'],
  ['renderer-imports-only-types-of-domain', 'renderer/decides.ts', '../core/domain/good.ts'],
  ['renderer-uses-no-node', 'renderer/readsFiles.ts', 'node:fs'],
  ['core-knows-no-host', 'core/station/windowed.ts', 'electron'],
  ['core-knows-no-host', 'core/edge/printing.ts', '../../cli/good.ts'],
  ['serialport-in-one-place', 'core/link/elsewhere.ts', 'serialport'],
  ['serialport-in-one-place', 'cli/listsPorts.ts', '@serialport/bindings-cpp'],
  ['sqlite-in-one-place', 'core/inventory/elsewhere.ts', 'better-sqlite3'],
  ['x509-in-one-place', 'core/authority/elsewhere.ts', '@peculiar/x509'],
  ['x509-in-one-place', 'cli/parses.ts', '@peculiar/asn1-schema'],
  ['foreign-functions-in-one-place', 'core/authority/callsOut.ts', 'koffi'],
  ['not-to-unresolvable', 'core/edge/dangling.ts', './gone.ts'],
  ['product-imports-no-development-tool', 'core/edge/testing.ts', 'vitest'],
];

const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ['core/domain/parses.ts', 'zod'],
  ['core/edge/allowed.ts', '../domain/good.ts'],
  ['core/link/encodes.ts', '../der/good.ts'],
  ['core/der/allowed.ts', '../domain/good.ts'],
  ['core/disk/allowed.ts', '../domain/good.ts'],
  ['core/simulator/keeps.ts', '../disk/good.ts'],
  ['core/link/serial/port.ts', 'serialport'],
  ['core/inventory/database/open.ts', 'better-sqlite3'],
  ['core/authority/x509/certificate.ts', '@peculiar/x509'],
  ['core/authority/pkcs11/cryptoki.ts', 'koffi'],
  ['core/station/allowed.ts', '../domain/good.ts'],
  ['cli/composes.ts', '../core/link/good.ts'],
  ['test/support/pki.ts', '@peculiar/x509'],
  ['test/unit/some.ts', 'vitest'],
];

const PACKAGES = [
  ...['zod', 'electron', 'serialport', '@serialport/bindings-cpp', 'better-sqlite3', '@peculiar/x509'],
  '@peculiar/asn1-schema',
  'koffi',
];

let copy: string;
let violations: readonly Violation[];

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
};

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'keyline-architecture-'));
  cpSync(join(project, 'build'), join(copy, 'build'), { recursive: true });
  cpSync(join(project, 'tsconfig.json'), join(copy, 'tsconfig.json'));
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  write(
    'package.json',
    JSON.stringify({
      name: 'copy',
      type: 'module',
      dependencies: versions(PACKAGES),
      devDependencies: versions(['vitest']),
    }),
  );
  for (const name of [...PACKAGES, 'vitest']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  const folders = [
    'domain',
    'der',
    'disk',
    'authority',
    'link',
    'inventory',
    'edge',
    'simulator',
    'station',
    'contract',
    'application',
    'contract/fake',
  ];
  for (const folder of [...folders.map((each) => `core/${each}`), 'cli']) {
    write(`${folder}/good.ts`, 'export const good = 1;\n');
  }
  for (const [from, to] of [...BROKEN.map(([, ...edge]) => edge), ...ALLOWED])
    write(from, `import '${to}';\n`);
  write('core/domain/circleB.ts', "import './circleA.ts';\n");
  violations = cruise(copy, 'core', 'cli', 'renderer', 'test');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const rulesBrokenBy = (from: string): readonly string[] =>
  violations.filter((violation) => violation.from === from).map((violation) => violation.rule.name);

it.each(BROKEN)('%s: %s may not import %s', (rule, from) => {
  expect(rulesBrokenBy(from)).toContain(rule);
});

it.each(ALLOWED)('%s may import %s', (from) => {
  expect(rulesBrokenBy(from)).toEqual([]);
});

it.each(forbidden.map(({ name }) => name))('%s is broken by an example above', (name) => {
  expect(BROKEN.map(([rule]) => rule)).toContain(name);
});

describe('the real tree', () => {
  it('breaks no rule', () => {
    const roots = ['core', 'cli', 'test'].filter((root) => existsSync(join(project, root)));
    expect(cruise(project, ...roots).map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
  });
});
