// PINs and badges as hashes. PBKDF2-HMAC-SHA256, because OpenSSL and Electron's BoringSSL both have it, off the main thread.

import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../domain/clock.ts';
import type { PinHash } from '../inventory/stores/operatorStore.ts';

/** As for key files (OWASP, PBKDF2-HMAC-SHA256). A PIN is short: what protects it in use is the wait after wrong ones. */
export const PIN_ROUNDS = 600_000;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const derive = promisify(pbkdf2);

const hashOf = async (text: string, salt: string, rounds: number): Promise<Buffer> =>
  derive(text.normalize('NFC'), Buffer.from(salt, 'hex'), rounds, HASH_BYTES, 'sha256');

export async function hashPin(pin: string, random: Random, rounds = PIN_ROUNDS): Promise<PinHash> {
  const salt = Buffer.from(random.bytes(SALT_BYTES)).toString('hex');
  return { salt, rounds, hash: (await hashOf(pin, salt, rounds)).toString('hex') };
}

/** Takes as long for a wrong PIN as for the right one. */
export async function pinMatches(pin: string, known: PinHash): Promise<boolean> {
  const found = await hashOf(pin, known.salt, known.rounds);
  const expected = Buffer.from(known.hash, 'hex');
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** One hash per badge and station, so that the badge alone finds its operator. */
export async function hashBadge(badge: string, stationId: string, rounds = PIN_ROUNDS): Promise<string> {
  const salt = Buffer.from(`badge ${stationId}`, 'utf8').toString('hex');
  return (await hashOf(badge, salt, rounds)).toString('hex');
}
