#!/usr/bin/env node
// The installed command. Runs the TypeScript sources under the Node that came with the package, so that the system's own
// may be older.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const own = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'node_modules', '.bin', 'node');
const node = existsSync(own) ? own : process.execPath;
const main = new URL('./main.ts', import.meta.url).pathname;
const { status, signal } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 1);
