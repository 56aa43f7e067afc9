// Opens what issuing without a device needs: the records under the station's lock, the issuing CAs, the profiles. No port,
// no edge server.

import { authorityKeyExtension, type IssuingCas, openIssuingCas } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { loadProfiles, profileNamed } from '../authority/profileStore.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { type Clock, type Random, systemClock } from '../domain/clock.ts';
import type { Profile } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { DataFolder } from './dataFolder.ts';
import { openRecords, type Records } from './openRecords.ts';
import { systemRandom } from './systemRandom.ts';

export interface OpenIssuingRequest {
  readonly folder: DataFolder;
  /** Taken over: wiped when the authority is open. Undefined: it stays locked. */
  readonly passphrase: Secret | undefined;
  readonly profilesFolder: string;
  readonly operatorName: string;
  readonly clock?: Clock;
}

export interface OpenedIssuing extends Pick<Records, 'facts' | 'inventory' | 'recovered'> {
  readonly authority: IssuingCas;
  readonly keys: StationKeyMaker;
  readonly clock: Clock;
  readonly random: Random;
  /** A profile that its CA can sign for, or its refusal. */
  profile(name: string): Profile;
  close(): void;
}

/** What issuing needs, whoever opened it. */
export type IssuingParts = Pick<
  OpenedIssuing,
  'facts' | 'inventory' | 'authority' | 'keys' | 'clock' | 'random' | 'profile'
>;

/** Throws as openRecords, openIssuingCas and unlock do. */
export function openIssuing(request: OpenIssuingRequest): OpenedIssuing {
  const { folder, passphrase, profilesFolder, operatorName } = request;
  const clock = request.clock ?? systemClock;
  const random = systemRandom;
  try {
    const records = openRecords(folder, { actor: operatorName, clock });
    try {
      const { facts, inventory, recovered } = records;
      const authority = openIssuingCas({ folder: folder.authority, clock, random, openToken: openTokenKey });
      registerIssuingCas(inventory, authority);
      if (passphrase !== undefined) authority.unlock(passphrase);
      return {
        ...{ facts, inventory, recovered, authority, clock, random },
        keys: new StationKeyMaker(),
        profile(name) {
          const profile = profileNamed(loadProfiles(profilesFolder), name);
          authority.checkProfile(profile);
          return profile;
        },
        close() {
          authority.lock();
          records.close();
        },
      };
    } catch (thrown) {
      records.close();
      throw thrown;
    }
  } finally {
    passphrase?.wipe();
  }
}

/** From here on the inventory counts what each of them signs. */
export function registerIssuingCas(inventory: Inventory, authority: IssuingCas): void {
  for (const { issuingDer } of authority.all.values()) {
    inventory.registerIssuingCa(sha256Hex(issuingDer), authorityKeyExtension(issuingDer));
  }
}
