// The issuing CAs: which one signs what, how much each may, the next one, and one that is trusted no longer.

import { assignCa } from '../authority/issuing/caFolders.ts';
import { profileNamed } from '../authority/profileStore.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import { failureOf } from '../contract/schemas/common.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { toPem } from '../der/pem.ts';
import type { JsonObject } from '../domain/run.ts';
import { Secret } from '../domain/secret.ts';
import type { StationError } from '../domain/stationError.ts';
import { rollOverRecorded } from '../host/ceremonies.ts';
import { crlSetFiles, revokeIssuingCa } from '../host/crlSets.ts';
import { writeFiles } from '../host/outputFiles.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { authorityView } from './authorityView.ts';
import { changeCas } from './changeCas.ts';
import { describeFiles, newExportFolder } from './exportsFolder.ts';
import { checkLists } from './health.ts';
import type { House } from './house.ts';
import { issuingParts } from './issuingParts.ts';
import { provePassphrase } from './provePassphrase.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  'authority.rollOver' | 'authority.assign' | 'authority.limit' | 'authority.revokeIssuing'
>;

/** How long the lists are good that name a revoked CA. */
const LIST_DAYS = { days: 30, rootDays: 400 } as const;

export function createIssuingCaDesk(world: World): Part {
  const { clock } = world;
  const recorderOf =
    (house: House) =>
    (act: string, details: JsonObject): void =>
      house.inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  return {
    'authority.rollOver': async ({ passphrase: text, ...wanted }) => {
      const house = houseOf(world);
      if (wanted.profileName !== undefined) profileNamed(world.profiles, wanted.profileName);
      const { folder, facts } = house;
      const passphrase = Secret.fromText(text);
      try {
        await changeCas(world, house, () => {
          // The new CA's key is stored under this passphrase: it must be the one that opens the others.
          provePassphrase(world, house, text);
          const ceremony = { folder, passphrase, clock, random: systemRandom };
          rollOverRecorded(ceremony, facts.site, wanted, recorderOf(house));
        });
      } finally {
        passphrase.wipe();
      }
      return authorityView(world);
    },
    'authority.assign': async ({ label, profileName }) => {
      const house = houseOf(world);
      if (profileName !== undefined) profileNamed(world.profiles, profileName);
      await changeCas(world, house, () => {
        assignCa(house.folder.authority, label, profileName);
        recorderOf(house)('issuing-ca-assigned', { label, profile: profileName ?? null });
      });
      return authorityView(world);
    },
    'authority.revokeIssuing': async ({ label, reason, passphrase: text }) => {
      const house = houseOf(world);
      const authorityFolder = house.folder.authority;
      const passphrase = Secret.fromText(text);
      let unlisted: StationError | undefined;
      try {
        await changeCas(world, house, () => {
          const request = { authorityFolder, passphrase, actor: operatorOf(world), ...LIST_DAYS };
          unlisted = revokeIssuingCa(issuingParts(world), label, reason, request).unlisted;
        });
      } finally {
        passphrase.wipe();
      }
      checkLists(world, house);
      const pem = toPem('CERTIFICATE', house.authority.byLabel(label).issuingDer);
      const files =
        unlisted === undefined
          ? crlSetFiles(issuingParts(world), authorityFolder)
          : [{ fileName: `issuing-${label}.pem`, bytes: Buffer.from(pem) }];
      const folder = newExportFolder(house, `issuing-ca-${label}-revoked`, clock.nowMs());
      return {
        ...(unlisted && { unlisted: failureOf(unlisted) }),
        ...(await describeFiles(folder, writeFiles(folder, files))),
      };
    },
    'authority.limit': ({ label, quota, endsAtMs }) => {
      const { inventory, authority } = houseOf(world);
      const { issuingDer } = authority.byLabel(label);
      inventory.limitIssuingCa(sha256Hex(issuingDer), { quota, endsAtMs }, clock.nowMs());
      return authorityView(world);
    },
  };
}
