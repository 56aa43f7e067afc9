// What others need: the revocation lists, and the exports for servers, brokers and clouds.

import type { StationMethods } from '../contract/rpc/host.ts';
import { failureOf } from '../contract/schemas/common.ts';
import type { OrderId } from '../domain/ids.ts';
import { StationError } from '../domain/stationError.ts';
import { crlSetFiles, renewCrls } from '../host/crlSets.ts';
import { writeFiles } from '../host/outputFiles.ts';
import { exportTrust } from '../host/trustExport.ts';
import { crlSet } from './crlSetView.ts';
import { describeFiles, newExportFolder } from './exportsFolder.ts';
import { checkLists } from './health.ts';
import { issuingParts, openWorkshop } from './issuingParts.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<StationMethods, 'crl.get' | 'crl.renew' | 'crl.write' | 'trust.export'>;

/** Of the profile whose devices a provisioning template is for. */
const TEMPLATE_PROFILE = 'aws-iot';

export function createTrustDesk(world: World): Part {
  const { clock } = world;
  return {
    'crl.get': () => crlSet(houseOf(world), clock.nowMs()),
    'crl.renew': ({ days, rootDays }) => {
      const house = houseOf(world);
      const { passphrase } = openWorkshop(world);
      const { kept } = renewCrls(issuingParts(world), {
        ...{ authorityFolder: house.folder.authority, passphrase, days, rootDays },
        actor: operatorOf(world),
      });
      checkLists(world, house);
      return {
        ...crlSet(house, clock.nowMs()),
        kept: kept.map(({ ca, why }) => ({
          ...(ca === 'root' ? { ca, label: '1' } : { ca: 'issuing' as const, label: ca }),
          why: failureOf(why),
        })),
      };
    },
    'crl.write': () => {
      const house = houseOf(world);
      const files = crlSetFiles(issuingParts(world), house.folder.authority);
      const folder = newExportFolder(house, 'revocation-lists', clock.nowMs());
      return describeFiles(folder, writeFiles(folder, files));
    },
    'trust.export': ({ consumer, orderId, profileName, tags = [], firmwareTypes = [], ...details }) => {
      const house = houseOf(world);
      if (orderId !== undefined && house.inventory.order(orderId) === undefined)
        throw new StationError('order_unknown', { order: orderId });
      if (details.code !== undefined) openWorkshop(world);
      const folder = newExportFolder(house, `trust-${consumer}`, clock.nowMs());
      const { code, set, roleArn, policy, subType = '' } = details;
      const files = exportTrust(issuingParts(world), {
        ...{ consumer, folder, authorityFolder: house.folder.authority, operatorName: operatorOf(world) },
        ...{ orderId: orderId as OrderId | undefined, code, set, roleArn, policy, subType },
        ...{ tags, firmwareTypes, profile: profileName ?? TEMPLATE_PROFILE },
      });
      return describeFiles(folder, files);
    },
  };
}
