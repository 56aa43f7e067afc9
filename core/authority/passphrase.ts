// The least a passphrase has to be. The key files may be copied off the disk; only this and the rounds protect them then.

import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';

export const PASSPHRASE_MIN_CHARACTERS = 12;
const MIN_DIFFERENT_BYTES = 5;

/** Refuses fewer than 12 characters, and the same few over and over (`passphrase_weak`). Counts without copying. */
export function checkPassphrase(passphrase: Secret): void {
  const { characters, different } = passphrase.use((bytes) => ({
    // UTF-8 continuation octets are 10xxxxxx; every other octet begins a character.
    characters: bytes.reduce((count, byte) => count + ((byte & 0xc0) === 0x80 ? 0 : 1), 0),
    different: new Set(bytes).size,
  }));
  const limit = PASSPHRASE_MIN_CHARACTERS;
  if (characters < limit) throw new StationError('passphrase_weak', { reason: 'too-short', limit });
  if (different < MIN_DIFFERENT_BYTES)
    throw new StationError('passphrase_weak', { reason: 'repetitive', limit });
}
