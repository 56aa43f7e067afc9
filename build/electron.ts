// Bundles main, preload and station as CommonJS for Chromium 114 and Node 18, so that one build runs on Electron 25 and 45.
// Native parts stay packages of their own.

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');
const NATIVE = ['electron', 'better-sqlite3', 'serialport', '@lydell/node-pty', 'koffi'];

const ENTRIES = {
  main: 'electron/main/main.ts',
  preload: 'electron/preload/preload.ts',
  station: 'electron/station/station.ts',
  selfCheck: 'electron/selfCheck.ts',
};

for (const [name, entry] of Object.entries(ENTRIES)) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    // One file each: a sandboxed preload can load no other.
    ssr: { noExternal: true, external: NATIVE },
    build: {
      ssr: join(root, entry),
      outDir: join(root, 'dist', 'electron'),
      emptyOutDir: false,
      target: name === 'preload' ? 'chrome114' : 'node18',
      minify: false,
      rolldownOptions: {
        output: {
          format: 'cjs',
          entryFileNames: `${name}.cjs`,
          codeSplitting: false,
          // Electron 25 finds packages inside app.asar by require() only.
          dynamicImportInCjs: false,
        },
      },
    },
  });
}

/** An addon for an Electron older than 35, where one is given: better-sqlite3 prefers this place, and Node 24 loads it too. */
const addon = process.env.ELECTRON_SQLITE_ADDON;
if (addon !== undefined && addon !== '') {
  const folder = join(root, 'node_modules', 'better-sqlite3', 'build', 'Release');
  mkdirSync(folder, { recursive: true });
  copyFileSync(addon, join(folder, 'better_sqlite3.node'));
}
