// The authority's passphrase in the operating system's keychain, where a supervisor of this station chose that. It spares
// the typing and nothing else: a supervisor must still be signed in, and the authority still locks by itself.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StationMethods } from '../contract/rpc/host.ts';
import { replaceFile } from '../disk/durableFile.ts';
import { syncFolder } from '../disk/durableFolder.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import type { JsonObject } from '../domain/run.ts';
import { StationError } from '../domain/stationError.ts';
import type { House } from './house.ts';
import { type KeychainTrouble, keychainRefused } from './keychain.ts';
import { provePassphrase } from './provePassphrase.ts';
import { unlock } from './workshop.ts';
import { houseOf, operatorOf, tellSession, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  | 'authority.keychain'
  | 'authority.keepPassphrase'
  | 'authority.forgetPassphrase'
  | 'authority.unlockByKeychain'
>;

/** What lies in the data folder: of no use without this account's keychain. */
const keptSchema = z.strictObject({ formatVersion: z.literal(1), stationId: z.string(), sealed: z.base64() });

const fileOf = (house: House): string => join(house.folder.root, 'keychain.json');

/** Undefined: nothing, another station's, or nothing that can be read. */
function readSealed(house: House): string | undefined {
  try {
    const kept = keptSchema.parse(JSON.parse(readFileSync(fileOf(house), 'utf8')));
    return kept.stationId === house.facts.stationId ? kept.sealed : undefined;
  } catch {
    return undefined;
  }
}

export function createKeychainDesk(world: World): Part {
  const { clock } = world;
  const { keychain } = world.options;
  const audit = (act: string, details: JsonObject): void =>
    houseOf(world).inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  const troubleIn = async (house: House): Promise<KeychainTrouble | undefined> =>
    house.practice === undefined ? keychain.trouble() : 'practice-keychain';

  async function refuseTrouble(house: House): Promise<void> {
    const trouble = await troubleIn(house);
    if (trouble !== undefined) throw keychainRefused(trouble);
  }

  /** Whoever asked must still be there after the keychain took its time. */
  function refuseMoved(house: House): void {
    operatorOf(world);
    if (world.house !== house || world.signedIn?.role !== 'supervisor') throw new StationError('signed_out');
  }

  const view = async (house: House) => ({
    kept: readSealed(house) !== undefined,
    trouble: await troubleIn(house),
  });

  return {
    'authority.keychain': () => view(houseOf(world)),
    'authority.keepPassphrase': async ({ passphrase }) => {
      const house = houseOf(world);
      await refuseTrouble(house);
      provePassphrase(world, house, passphrase);
      const sealed = await keychain.seal(passphrase);
      refuseMoved(house);
      audit('passphrase-kept', {});
      const kept = { formatVersion: 1, stationId: house.facts.stationId, sealed };
      const path = fileOf(house);
      replaceFile(path, JSON.stringify(kept), 0o600);
      return view(house);
    },
    'authority.forgetPassphrase': () => {
      const house = houseOf(world);
      audit('passphrase-forgotten', {});
      const path = fileOf(house);
      storageErrors(path, () => {
        rmSync(path, { force: true });
        syncFolder(house.folder.root);
      });
      return view(house);
    },
    'authority.unlockByKeychain': async ({ lockAfterMinutes }) => {
      const house = houseOf(world);
      await refuseTrouble(house);
      const sealed = readSealed(house);
      if (sealed === undefined) throw keychainRefused('nothing-kept');
      const passphrase = await keychain.open(sealed);
      refuseMoved(house);
      try {
        await unlock(world, house, passphrase, lockAfterMinutes);
      } catch (thrown) {
        if (!(thrown instanceof StationError && thrown.code === 'passphrase_wrong')) throw thrown;
        audit('authority-unlock-refused', { by: 'keychain' });
        throw keychainRefused('other-passphrase');
      }
      audit('authority-unlocked', { lockAfterMinutes, by: 'keychain' });
      return tellSession(world);
    },
  };
}
