// npm start: builds what is missing and opens the app with the Electron that is here. Where none is and none can be
// fetched, it says so in one line and names the way that needs none.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** The path of an Electron: one that the environment names, the package's own, or undefined. */
function electronPath(): string | undefined {
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = join(root, 'node_modules', 'electron');
  const install = join(folder, 'install.js');
  try {
    if (named === undefined && !existsSync(join(folder, 'path.txt')) && existsSync(install)) {
      // electron 45 fetches itself at first use; here its trouble is ours to word.
      spawnSync(process.execPath, [install], { stdio: 'ignore', timeout: 180_000 });
      if (!existsSync(join(folder, 'path.txt'))) return undefined;
    }
    if (named !== undefined) {
      const name = process.platform === 'win32' ? 'electron.exe' : 'electron';
      return existsSync(join(named, name)) ? join(named, name) : undefined;
    }
    const path: unknown = require('electron');
    return typeof path === 'string' && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const electron = electronPath();
if (electron === undefined) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  console.error(
    `Electron ${devDependencies.electron} is not here and could not be downloaded; run “npm run serve” for the same window in a browser.`,
  );
  process.exitCode = 3;
} else {
  const isBuilt = ['electron/main.cjs', 'renderer/index.html'].every((path) =>
    existsSync(join(root, 'dist', path)),
  );
  if (!isBuilt)
    spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const child = spawn(electron, [...process.argv.slice(2), root], { stdio: 'inherit' });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
