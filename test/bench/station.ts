// A throw-away authority and what one device is given by it.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '../../core/authority/authority.ts';
import { createAuthority } from '../../core/authority/ceremony.ts';
import { StationKeyMaker } from '../../core/authority/keys.ts';
import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { systemClock } from '../../core/domain/clock.ts';
import type { InstallMaterial } from '../../core/domain/install.ts';
import { Secret } from '../../core/domain/secret.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';

export const PROFILES = join(import.meta.dirname, '../../resources/profiles');
export const TARGETS = join(import.meta.dirname, '../../resources/targets');

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'keyline-bench-'));

/** Material for a key of the station's, or for the public key that a device made. */
export type MaterialMaker = (devicePublicKeySpki?: Uint8Array) => InstallMaterial;

/** A maker of install material; the authority's key files use few rounds, since nothing of them is kept. */
export function materialMaker(): MaterialMaker {
  const passphrase = Secret.fromText('a passphrase for nothing');
  const parts = { folder: join(temporaryFolder(), 'authority'), clock: systemClock, random: systemRandom };
  createAuthority({ ...parts, passphrase, site: 'Bench', pbkdf2Rounds: 1_000 });
  const authority = openAuthority(parts);
  authority.unlock(passphrase);
  const profile = profileNamed(loadProfiles(PROFILES), 'tls-client');
  const keys = new StationKeyMaker();
  return (devicePublicKeySpki) => {
    const key = devicePublicKeySpki === undefined ? keys.generate(profile.keyAlgorithm) : undefined;
    const prepared = authority.prepare(
      {
        profile,
        certificateSerial: authority.reserveCertificateSerial(),
        publicKeySpki: devicePublicKeySpki ?? key?.publicKeySpki ?? new Uint8Array(),
        values: { deviceSerial: 'BENCH-000001', site: 'Bench' },
      },
      undefined,
    );
    return {
      caDer: authority.rootDer,
      chainDer: [authority.issue(prepared).certificateDer, authority.issuingDer],
      privateKeyPkcs8: key?.privateKeyPkcs8,
    };
  };
}
