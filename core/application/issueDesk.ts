// What is issued without a bay: a device's next credential, passwords, the manifest of a delivery.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { readRequest } from '../authority/request/requestReader.ts';
import { readSshPublicKey } from '../authority/ssh/publicKeyLine.ts';
import { csvLine } from '../authority/trust/files.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import { LABELS_SHOWN } from '../contract/schemas/issuing.ts';
import { parseDeviceSerial } from '../domain/device.ts';
import { PASSWORD_FILE_NAMES, parseUsername } from '../domain/password.ts';
import { StationError } from '../domain/stationError.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import { writeManifest } from '../host/deliveryManifests.ts';
import { issueForRequest } from '../host/issueForRequest.ts';
import { writeFiles, writeLines } from '../host/outputFiles.ts';
import { labelledUsernames, makePasswords, type PasswordLabel, passwordFile } from '../host/passwords.ts';
import { renewDevice } from '../host/renewDevice.ts';
import { issueSshHost, sshHostFiles } from '../host/sshHost.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { describeFiles, newExportFolder } from './exportsFolder.ts';
import { issuingParts, openWorkshop } from './issuingParts.ts';
import { houseOf, operatorOf, refuseDuringBatch, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  | 'issue.manifest'
  | 'issue.renew'
  | 'issue.request'
  | 'issue.sshHost'
  | 'passwords.make'
  | 'passwords.revoke'
  | 'passwords.export'
>;

/** About a minute's work. */
const PASSWORDS_MAX = 10_000;

export function createIssueDesk(world: World): Part {
  const { clock } = world;
  const orderOf = (orderId: string): WorkOrder => {
    const order = houseOf(world).inventory.order(orderId);
    if (order === undefined) throw new StationError('order_unknown', { order: orderId });
    return order;
  };

  return {
    'issue.manifest': ({ orderId }) => {
      const order = orderOf(orderId);
      openWorkshop(world);
      const folder = newExportFolder(houseOf(world), `manifest-${order.name}`, clock.nowMs());
      let paths: readonly string[] = [];
      writeManifest(issuingParts(world), order, operatorOf(world), (files) => {
        paths = writeFiles(folder, files);
      });
      return describeFiles(folder, paths);
    },
    'issue.renew': async ({ deviceSerial: text, reason, request }) => {
      const deviceSerial = parseDeviceSerial(text);
      openWorkshop(world);
      refuseDuringBatch(world);
      const folder = newExportFolder(houseOf(world), `credential-${deviceSerial}`, clock.nowMs());
      const { certificateSerial, replaced, files } = renewDevice(issuingParts(world), {
        ...{ deviceSerial, reason, folder, profileName: undefined, operatorName: operatorOf(world) },
        request: request === undefined ? undefined : Buffer.from(request, 'base64'),
      });
      world.emit({ event: 'inventory.changed', payload: {} });
      return { ...(await describeFiles(folder, files)), certificateSerial, replaced };
    },
    'issue.request': async ({ deviceSerial: text, request: file, profileName, targetName }) => {
      const deviceSerial = parseDeviceSerial(text);
      const request = readRequest(Buffer.from(file, 'base64'));
      openWorkshop(world);
      refuseDuringBatch(world);
      const folder = newExportFolder(houseOf(world), `credential-${deviceSerial}`, clock.nowMs());
      const { certificateSerial, files } = issueForRequest(issuingParts(world), {
        ...{ deviceSerial, request, profileName, folder, operatorName: operatorOf(world) },
        targetName: world.targets.target(targetName).name,
      });
      world.emit({ event: 'inventory.changed', payload: {} });
      return { ...(await describeFiles(folder, files)), certificateSerial };
    },
    'issue.sshHost': async ({ deviceSerial: text, publicKey, fileName, names, validityDays, hosts }) => {
      const keyId = parseDeviceSerial(text);
      const hostKeySpki = readSshPublicKey(Buffer.from(publicKey, 'base64').toString('utf8'));
      const { passphrase } = openWorkshop(world);
      const house = houseOf(world);
      const at = { folder: house.folder.authority, clock, random: systemRandom, openToken: openTokenKey };
      const request = { hostKeySpki, keyId, principals: names, validityDays };
      const issued = issueSshHost(issuingParts(world), at, passphrase, operatorOf(world), request, hosts);
      const folder = newExportFolder(house, `ssh-host-${keyId}`, clock.nowMs());
      const files = sshHostFiles(fileName.replace(/[^A-Za-z0-9._-]+/g, '_'), issued);
      return { ...(await describeFiles(folder, writeFiles(folder, files))), notAfterMs: issued.notAfterMs };
    },
    'passwords.make': async ({ orderId, usernames: named = [], alphabet, length }, { signal }) => {
      const house = houseOf(world);
      const order = orderId === undefined ? undefined : orderOf(orderId);
      const usernames = labelledUsernames(house.inventory, named, order);
      if (usernames.length === 0) throw new StationError('value_missing', { field: 'usernames' });
      if (usernames.length > PASSWORDS_MAX)
        throw new StationError('value_invalid', {
          field: 'usernames',
          value: usernames.length,
          limit: PASSWORDS_MAX,
          reason: 'too-long',
        });
      const labels: PasswordLabel[] = [];
      const blocks = makePasswords(usernames, { alphabet, length }, systemRandom, (users) =>
        house.inventory.addPasswordUsers(order?.orderId, users, clock.nowMs()),
      );
      for (const block of blocks) {
        labels.push(...block);
        // Bays go on meanwhile. Whoever gave up waiting gets none; a lost password is made anew.
        await nextTurn();
        if (signal.aborted) throw new StationError('interrupted');
      }
      if (labels.length <= LABELS_SHOWN) return { made: labels.length, labels };
      const folder = newExportFolder(house, 'passwords', clock.nowMs());
      const rows = [['username', 'password'], ...labels.map((one) => [one.username, one.password])];
      const bytes = Buffer.from(rows.map(csvLine).join(''));
      const written = writeFiles(folder, [{ fileName: 'labels.csv', bytes }], 0o600);
      bytes.fill(0);
      return { made: labels.length, labels: [], written: await describeFiles(folder, written) };
    },
    'passwords.revoke': ({ username }) => {
      houseOf(world).inventory.revokePasswordUser(parseUsername(username), clock.nowMs());
      return {};
    },
    'passwords.export': ({ format, orderId }) => {
      const house = houseOf(world);
      const order = orderId === undefined ? undefined : orderOf(orderId);
      const folder = newExportFolder(house, `passwords-${format}`, clock.nowMs());
      const path = `${folder}/${PASSWORD_FILE_NAMES[format]}`;
      writeLines(path, passwordFile(format, house.inventory.passwordUsers(order?.orderId)), 0o600);
      house.inventory.append({
        act: 'passwords-exported',
        actor: operatorOf(world),
        atMs: clock.nowMs(),
        details: { format, order: order?.name ?? null },
      });
      return describeFiles(folder, [path]);
    },
  };
}
