// A ceremony whose process dies at the n-th use of randomness, as if the power had failed: killedCeremony <folder> <n>.

import { randomBytes } from 'node:crypto';
import { createAuthority } from '../../../core/authority/ceremony.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { Secret } from '../../../core/domain/secret.ts';

const [, , folder = '', step = ''] = process.argv;
let calls = 0;
createAuthority({
  folder,
  passphrase: Secret.fromText('correct horse battery staple'),
  site: 'Plant 1',
  clock: systemClock,
  random: {
    bytes: (sizeBytes) => {
      calls += 1;
      if (calls === Number(step)) process.kill(process.pid, 'SIGKILL');
      return Uint8Array.from(randomBytes(sizeBytes));
    },
  },
  pbkdf2Rounds: 1000,
});
