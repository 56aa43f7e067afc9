// A station that was founded before the window opens, and its inventory filled through the product's own stores.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApplication } from '../../../core/application/application.ts';
import { openAuthority } from '../../../core/authority/authority.ts';
import { authorityKeyExtension } from '../../../core/authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { loadProfiles, profileNamed } from '../../../core/authority/profileStore.ts';
import { sha256Hex } from '../../../core/der/fingerprint.ts';
import { newCertificateSerials } from '../../../core/domain/certificateSerial.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { newCredentialId, newOrderId } from '../../../core/domain/ids.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { dataFolder } from '../../../core/host/dataFolder.ts';
import { openRecords } from '../../../core/host/openRecords.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { commitModelBatch } from '../../support/modelBatch.ts';
import { root } from './electron.ts';
import { OPERATOR, PASSPHRASE, SUPERVISOR } from './journey.ts';

const resources = join(root, 'resources');

/** What the welcome makes, without its window: a station, its authority, a supervisor and an operator. */
export async function foundStation(dataRoot: string): Promise<void> {
  mkdirSync(dataRoot, { recursive: true });
  const application = createApplication({
    dataRoot,
    practiceRoot: `${dataRoot}-practice`,
    profilesFolder: join(resources, 'profiles'),
    targetsFolder: join(resources, 'targets'),
    softwareVersion: 'test',
  });
  const call = { signal: new AbortController().signal };
  try {
    await application.methods['session.createStation'](
      {
        stationName: 'Bench 3',
        site: 'Plant North',
        authority: { kind: 'create', organisation: 'Plant North', passphrase: PASSPHRASE },
        supervisor: { operatorName: SUPERVISOR.name, pin: SUPERVISOR.pin },
        targetName: 'zephyr-shell',
        profileName: 'tls-client',
      },
      call,
    );
    await application.methods['operators.create'](
      { operatorName: OPERATOR.name, role: 'operator', pin: OPERATOR.pin },
      call,
    );
  } finally {
    await application.close();
  }
}

/** A batch of so many devices, `FILL-0000001` and on, under an order of its own; certificates differ in their serial only. */
export function fillInventory(dataRoot: string, count: number): void {
  const folder = dataFolder(dataRoot);
  const authority = openAuthority({ folder: folder.authority, clock: systemClock, random: systemRandom });
  const passphrase = Secret.fromText(PASSPHRASE);
  authority.unlock(passphrase);
  passphrase.wipe();
  const profile = profileNamed(loadProfiles(join(resources, 'profiles')), 'tls-client');
  const key = new StationKeyMaker().generate(profile.keyAlgorithm);
  key.privateKeyPkcs8.wipe();
  const model = authority.issue(
    authority.prepare(
      {
        profile,
        certificateSerial: authority.reserveCertificateSerial(),
        publicKeySpki: key.publicKeySpki,
        values: { deviceSerial: 'FILL-0000000', site: 'Plant North' },
      },
      undefined,
    ),
  );
  const records = openRecords(folder, { actor: SUPERVISOR.name });
  try {
    const issuingCa = sha256Hex(authority.issuingDer);
    records.inventory.registerIssuingCa(issuingCa, authorityKeyExtension(authority.issuingDer));
    const order = {
      orderId: newOrderId(systemRandom),
      name: 'WO-FILL',
      targetName: 'zephyr-shell',
      profileName: profile.name,
      quantity: count,
      deviceSerials: [],
      createdAtMs: Date.now(),
      closedAtMs: undefined,
    };
    records.inventory.createOrder(order);
    const sink = records.inventory.openBatch({
      order,
      count,
      issuingCa,
      numbering: { prefix: 'FILL-', digits: 7 },
      profileName: profile.name,
      profileVersion: profile.version,
      values: {},
      newCertificateSerials: (wanted) => newCertificateSerials(systemRandom, wanted),
      newCredentialId: () => newCredentialId(systemRandom),
      nowMs: () => Date.now(),
    });
    commitModelBatch(sink, model.certificateDer);
  } finally {
    records.close();
  }
}
