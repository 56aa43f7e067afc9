// npm run check [-- types …]: format, lint, types and import rules, as many side by side as there are cores. Each part's
// whole output is printed in the order below, so that two failures never mix. Names after -- choose parts by their
// beginning.

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const isColoured = process.stdout.isTTY === true && process.stdout.hasColors();

interface Part {
  readonly name: string;
  /** A script in node_modules and its arguments. */
  readonly command: readonly [string, ...string[]];
}

/**
 * One project's types, by the native compiler (version 7): it takes a third of version 6's time, which stays because
 * dependency-cruiser needs its interface. The compiler keeps what it found in node_modules, by content: it looks again at
 * whatever changed and at all that depends on it, and `npm ci` begins anew.
 */
const types = (project: string): Part => ({
  name: `types of ${project}`,
  command: [
    'typescript-native/bin/tsc',
    '--noEmit',
    '--project',
    project,
    '--incremental',
    '--tsBuildInfoFile',
    join(modules, '.cache', 'types', `${project.replaceAll('/', '-')}.tsbuildinfo`),
    ...(isColoured ? ['--pretty'] : []),
  ],
});

/** The longest first, so that no core waits for it at the end. */
const PARTS: readonly Part[] = [
  types('.'),
  types('renderer'),
  types('test/e2e/renderer'),
  types('electron'),
  types('test/e2e/app'),
  {
    name: 'format and lint',
    command: [
      '@biomejs/biome/bin/biome',
      'ci',
      '--error-on-warnings',
      isColoured ? '--colors=force' : '--colors=off',
      '.',
    ],
  },
  {
    name: 'architecture',
    command: [
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      'build/dependency-cruiser.cjs',
      'core',
      'cli',
      'electron',
      'renderer',
      'test',
    ],
  },
];

interface Finished {
  readonly status: number;
  readonly output: string;
  readonly seconds: number;
}

function run({ command: [script, ...args] }: Part): Promise<Finished> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [join(modules, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    const finish = (status: number) =>
      resolve({ status, output, seconds: (performance.now() - startedAtMs) / 1000 });
    child.on('error', (error) => {
      output += error.message;
      finish(1);
    });
    child.on('close', (status) => finish(status ?? 1));
  });
}

const wanted = process.argv.slice(2);
const parts = PARTS.filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.startsWith(one)));
if (parts.length === 0) {
  console.error(
    `Nothing to check begins with ${wanted.join(', ')}; there is: ${PARTS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const startedAtMs = performance.now();
const waiting: (() => void)[] = [];
let free = availableParallelism();

/** Runs a part as soon as a core is free for it. */
async function inTurn(part: Part): Promise<Finished> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await run(part);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
}
const results = parts.map((part) => ({ part, finished: inTurn(part) }));

let failed = 0;
for (const { part, finished } of results) {
  const { status, output, seconds } = await finished;
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? '✔' : '✘'} ${part.name}, ${seconds.toFixed(1)} s`);
  if (output.trim() !== '') console.log(output.trimEnd());
}
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
console.log(
  failed === 0
    ? `All ${parts.length} hold, ${seconds} s`
    : `${failed} of ${parts.length} failed, ${seconds} s`,
);
process.exitCode = failed === 0 ? 0 : 1;
