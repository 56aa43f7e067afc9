// The self-check as a program, for Electron's own Node: ELECTRON_RUN_AS_NODE=1 electron selfCheck.cjs resources-folder

import { join } from 'node:path';
import { selfCheck } from '../core/host/selfCheck.ts';

const resources = process.argv[2] ?? join(__dirname, '..', '..', 'resources');

void selfCheck({
  profilesFolder: join(resources, 'profiles'),
  targetsFolder: join(resources, 'targets'),
}).then((results) => {
  const { node, electron, openssl } = process.versions;
  console.log(JSON.stringify({ node, electron, crypto: openssl, results }));
  process.exitCode = results.every(({ problem }) => problem === undefined) ? 0 : 1;
});
