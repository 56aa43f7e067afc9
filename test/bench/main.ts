// npm run bench [-- install bays …]: figures side by side with their limits. Judges nothing; on a shared machine compare
// ratios, not seconds.

import { cpus } from 'node:os';
import { benchAuthority } from './authority.ts';
import { benchBays } from './bays.ts';
import { benchDrivers } from './drivers.ts';
import { benchInstallPhase } from './installPhase.ts';
import { benchMillion } from './million.ts';
import { benchWindow } from './window.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  install: benchInstallPhase,
  bays: benchBays,
  drivers: benchDrivers,
  authority: benchAuthority,
  million: benchMillion,
  window: benchWindow,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `There is no bench named ${unknown.join(', ')}; choose from ${Object.keys(BENCHES).join(', ')}.`,
  );
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length === 0 || asked.includes(name)) await bench();
}
