// What comes from elsewhere: a root's answers to the station's ceremonies, and CAs that were made by others.

import { waitingRequest } from '../authority/import/offlineCeremony.ts';
import { caFolder } from '../authority/issuing/caFolders.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { JsonObject } from '../domain/run.ts';
import { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { importRecorded, installChainRecorded, requestCaRecorded } from '../host/ceremonies.ts';
import { installRootCrl } from '../host/crlFiles.ts';
import { readExistingAuthority } from '../host/existingAuthority.ts';
import { writeFiles } from '../host/outputFiles.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { authorityView } from './authorityView.ts';
import { withFiles } from './broughtFiles.ts';
import { changeCas } from './changeCas.ts';
import { crlSet } from './crlSetView.ts';
import { describeFiles, newExportFolder } from './exportsFolder.ts';
import { checkLists } from './health.ts';
import type { House } from './house.ts';
import { provePassphrase } from './provePassphrase.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  'crl.install' | 'authority.request' | 'authority.install' | 'authority.import'
>;

export function createCeremonyDesk(world: World): Part {
  const { clock } = world;
  const record = (act: string, details: JsonObject): void =>
    houseOf(world).inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  const ceremonyOf = ({ folder }: House, passphrase: Secret) => ({
    ...{ folder, passphrase, clock },
    random: systemRandom,
  });

  return {
    'authority.request': async ({ passphrase: text, ...wanted }) => {
      const house = houseOf(world);
      // The key is stored under it: it must be the one that opens the others.
      provePassphrase(world, house, text);
      const passphrase = Secret.fromText(text);
      try {
        const names = { ...wanted, site: house.facts.site, token: undefined };
        const { label, requestPem } = requestCaRecorded(ceremonyOf(house, passphrase), names, record);
        const folder = newExportFolder(house, `issuing-ca-${label}-request`, clock.nowMs());
        const file = { fileName: 'issuing.csr.pem', bytes: Buffer.from(requestPem) };
        return { label, ...(await describeFiles(folder, writeFiles(folder, [file]))) };
      } finally {
        passphrase.wipe();
      }
    },
    'authority.install': async ({ label, file, passphrase: text }) => {
      const house = houseOf(world);
      if (waitingRequest(caFolder(house.folder.authority, label)) === undefined)
        throw new StationError('request_missing');
      const passphrase = Secret.fromText(text);
      try {
        await changeCas(world, house, () => {
          installChainRecorded(ceremonyOf(house, passphrase), label, Buffer.from(file, 'base64'), record);
        });
      } finally {
        passphrase.wipe();
      }
      checkLists(world, house);
      return authorityView(world);
    },
    'authority.import': async ({ passphrase: text, ...brought }) => {
      const house = houseOf(world);
      // All CAs are unlocked by one passphrase.
      provePassphrase(world, house, text);
      const imported = withFiles(brought, (files, filesPassphrase) =>
        readExistingAuthority({ files, passphrase: filesPassphrase, nowMs: clock.nowMs() }),
      );
      const passphrase = Secret.fromText(text);
      try {
        await changeCas(world, house, () => {
          importRecorded(ceremonyOf(house, passphrase), imported, record);
        });
      } finally {
        passphrase.wipe();
      }
      checkLists(world, house);
      return authorityView(world);
    },
    'crl.install': async ({ file }) => {
      const house = houseOf(world);
      const revoked: string[] = [];
      await changeCas(world, house, () => {
        const at = { folder: house.folder.authority, random: systemRandom };
        const installed = installRootCrl(at, Buffer.from(file, 'base64'), record);
        revoked.push(...installed.revoked.map((one) => one.label));
      });
      checkLists(world, house);
      return { ...crlSet(house, clock.nowMs()), revoked };
    },
  };
}
