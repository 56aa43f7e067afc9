// The station's part in a ceremony with a root that is elsewhere.

import type { StationMethods } from '../contract/rpc/host.ts';
import type { JsonObject } from '../domain/run.ts';
import { installRootCrl } from '../host/crlFiles.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { changeCas } from './changeCas.ts';
import { crlSet } from './crlSetView.ts';
import { checkLists } from './health.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<StationMethods, 'crl.install'>;

export function createCeremonyDesk(world: World): Part {
  const { clock } = world;
  const record = (act: string, details: JsonObject): void =>
    houseOf(world).inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  return {
    'crl.install': async ({ file }) => {
      const house = houseOf(world);
      const revoked: string[] = [];
      await changeCas(world, house, () => {
        const at = { folder: house.folder.authority, random: systemRandom };
        const { crl, revoked: cas } = installRootCrl(at, Buffer.from(file, 'base64'));
        for (const { label, certificateSerial, certificateSha256, revokedAtMs, reason } of cas) {
          revoked.push(label);
          const details = { label, certificateSerial, certificateSha256, revokedAtMs, reason };
          record('issuing-ca-revoked', details);
        }
        record('root-list-installed', {
          crlNumber: crl.crlNumber?.toString() ?? null,
          revoked: crl.entryCount,
        });
      });
      checkLists(world, house);
      return { ...crlSet(house, clock.nowMs()), revoked };
    },
  };
}
