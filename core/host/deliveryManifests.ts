// The signed list that goes with a work order's devices. Its signer's key lives for this one signature.

import { importPkcs8 } from '../authority/encryptedKey.ts';
import { keySigner } from '../authority/signing/signer.ts';
import { deliveryManifest } from '../authority/trust/deliveryManifest.ts';
import type { ExportedFile } from '../authority/trust/files.ts';
import type { CertificateSerial } from '../domain/certificateSerial.ts';
import { parseProfile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import { issueCredential } from '../station/issueCredential.ts';
import type { IssuingParts } from './openIssuing.ts';

export const MANIFEST_PROFILE = parseProfile(
  {
    name: 'manifest-signer',
    version: 1,
    description: 'Signs the delivery manifest of one work order.',
    subject: [
      { attribute: 'O', value: '{site}' },
      { attribute: 'CN', value: 'Delivery manifest {order}' },
    ],
    validity: { days: 365 },
    keyUsage: ['digitalSignature', 'nonRepudiation'],
  },
  'manifest',
);

/**
 * Makes the manifest and hands its files to `store`, which returns when they are on the disk. Throws `order_empty` for an
 * order without a certificate.
 */
export function writeManifest(
  parts: IssuingParts,
  order: Pick<WorkOrder, 'orderId' | 'name'>,
  operatorName: string,
  store: (files: readonly ExportedFile[]) => void,
): CertificateSerial {
  const { authority, inventory, keys, facts } = parts;
  const first = inventory.issuedDevices(order.orderId).next();
  if (first.done === true) throw new StationError('order_empty', { name: order.name });
  const key = keys.generate(MANIFEST_PROFILE.keyAlgorithm);
  try {
    return issueCredential(parts, {
      holder: { kind: 'edge-server', serverName: `Delivery manifest ${order.name}` },
      profile: MANIFEST_PROFILE,
      values: { site: facts.site, order: order.name },
      publicKeySpki: key.publicKeySpki,
      custody: 'station-memory',
      operatorName,
      store({ certificateDer, issuingDer }) {
        const signer = keySigner(certificateDer, importPkcs8(key.privateKeyPkcs8));
        const devices = inventory.issuedDevices(order.orderId);
        store(deliveryManifest({ devices, signer, chainDer: [issuingDer, authority.rootDer] }));
      },
    }).certificateSerial;
  } finally {
    key.privateKeyPkcs8.wipe();
  }
}
