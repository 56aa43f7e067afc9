// Whether a passphrase is the station's.

import { caFolder } from '../authority/issuing/caFolders.ts';
import { openCaSigner } from '../authority/issuing/caSigner.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { Secret } from '../domain/secret.ts';
import { systemRandom } from '../host/systemRandom.ts';
import type { House } from './house.ts';
import type { World } from './world.ts';

/** Throws what a wrong passphrase gives; the authority stays as it is, locked or not. */
export function provePassphrase(world: World, { folder, authority }: House, text: string): void {
  const passphrase = Secret.fromText(text);
  const at = caFolder(folder.authority, authority.assignment.active);
  const place = { folder: at, clock: world.clock, random: systemRandom, openToken: openTokenKey };
  try {
    openCaSigner(place, 'issuing', passphrase).close();
  } finally {
    passphrase.wipe();
  }
}
