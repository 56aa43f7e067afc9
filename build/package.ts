// Packages the app: with no argument the unpacked folder and a tar.gz for this computer, with `--release` all of this
// platform's installers. An Electron that the environment names is used in place of the download.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, Platform } from 'electron-builder';
import { configuration } from './electron-builder.ts';

const root = join(import.meta.dirname, '..');
const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
const named =
  dist === undefined
    ? {}
    : {
        electronDist: dist,
        electronVersion: readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, ''),
      };

if (!existsSync(join(root, 'dist', 'electron', 'main.cjs'))) throw new Error('npm run build comes first');
/** Electron 29 brought this fuse; an older one cannot be told. */
const FILE_PRIVILEGES_SINCE = 29;
const allFuses = configuration.electronFuses ?? {};
const { grantFileProtocolExtraPrivileges: _, ...olderFuses } = allFuses;
const isOlder =
  'electronVersion' in named && Number.parseInt(named.electronVersion, 10) < FILE_PRIVILEGES_SINCE;
const electronFuses = isOlder ? olderFuses : allFuses;

const isRelease = process.argv.includes('--release');
const written = await build({
  projectDir: root,
  ...(isRelease ? {} : { targets: Platform.current().createTarget(['dir']) }),
  config: { ...configuration, ...named, electronFuses },
  publish: 'never',
});
for (const path of written) console.log(path);

// The system's own tar: electron-builder would download one, and this must work without the internet.
const unpacked = join(root, 'dist', 'package', 'linux-unpacked');
if (!isRelease && !process.argv.includes('--dir') && existsSync(unpacked)) {
  const archive = join(root, 'dist', 'package', `keyline-${process.arch}.tar.gz`);
  const tar = spawnSync('tar', ['-czf', archive, '-C', dirname(unpacked), basename(unpacked)], {
    stdio: 'inherit',
  });
  if (tar.status !== 0) throw new Error('tar failed');
  console.log(archive);
}
