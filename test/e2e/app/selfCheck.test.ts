// The core's crypto on the Node that Electron brings, which stands on BoringSSL: the same self-check as `keyline doctor`'s.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import { root } from './electron.ts';

const kit = process.env.ELECTRON_OVERRIDE_DIST_PATH;
const selfCheck = join(root, 'dist', 'electron', 'selfCheck.cjs');
const canCheck = kit !== undefined && existsSync(selfCheck);

it.skipIf(!canCheck)('does on BoringSSL all that the core asks of a crypto library', () => {
  const ran = spawnSync(join(kit ?? '', 'electron'), [selfCheck, join(root, 'resources')], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
    timeout: 120_000,
  });
  const { electron, results } = JSON.parse(ran.stdout) as {
    electron: string;
    results: { name: string; problem?: string }[];
  };
  expect(electron).toBeDefined();
  expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(ran.status).toBe(0);
  const names = results.map(({ name }) => name);
  const profiles = readdirSync(join(root, 'resources', 'profiles')).map((file) => file.replace('.json', ''));
  expect(names).toEqual(expect.arrayContaining(profiles.map((name) => `profile ${name}`)));
  expect(names).toEqual(
    expect.arrayContaining([
      'digests',
      'PKCS#12',
      'revocation list',
      'provision with handshake',
      ...KEY_ALGORITHMS.flatMap((algorithm) => [`key file ${algorithm}`, `signature ${algorithm}`]),
      ...['AES-256', 'AES-192', 'AES-128', '3DES'].flatMap((cipher) => [
        `key file ${cipher} SHA256`,
        `key file ${cipher} SHA1`,
      ]),
    ]),
  );
});
