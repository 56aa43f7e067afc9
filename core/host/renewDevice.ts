// A device's credential without a bay: renewed, or replaced because something happened to the one before. The new one is
// handed over as files; the device keeps or remakes its key where a request comes with it.

import { decideNames } from '../authority/content.ts';
import { checkRequest } from '../authority/request/requestCheck.ts';
import { readRequest } from '../authority/request/requestReader.ts';
import { toPemChain } from '../der/pem.ts';
import { pem } from '../der/pemBytes.ts';
import type { CertificateSerial } from '../domain/certificateSerial.ts';
import type { RevocationReason } from '../domain/credential.ts';
import type { DeviceSerial } from '../domain/device.ts';
import type { KeyAlgorithm } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { type IssuedCredential, issueCredential } from '../station/issueCredential.ts';
import type { IssuingParts } from './openIssuing.ts';
import { fileStem, writeFiles } from './outputFiles.ts';

export interface RenewDeviceRequest {
  readonly deviceSerial: DeviceSerial;
  /** A PKCS#10 request by the device's own key, PEM or DER; without it a key is made here. */
  readonly request: Uint8Array | undefined;
  /** As before unless told otherwise. */
  readonly profileName: string | undefined;
  /** The old credential is revoked first, for this reason; without one it is superseded when the new one is written. */
  readonly reason: RevocationReason | undefined;
  readonly folder: string;
  readonly operatorName: string;
}

export interface RenewedDevice extends IssuedCredential {
  /** Of the credential before, where one was live. */
  readonly replaced: CertificateSerial | undefined;
  readonly files: readonly string[];
}

/** Throws `device_unknown`, `credential_not_live`, `device_busy`, and what the request, the authority and the disk throw. */
export function renewDevice(parts: IssuingParts, request: RenewDeviceRequest): RenewedDevice {
  const { inventory, facts } = parts;
  const { deviceSerial, reason, folder, operatorName } = request;
  if (inventory.device(deviceSerial) === undefined)
    throw new StationError('device_unknown', { deviceSerial });
  if (inventory.openRuns().some((run) => run.deviceSerial === deviceSerial))
    throw new StationError('device_busy', { deviceSerial });
  const before = inventory.liveCredential(deviceSerial);
  if (before === undefined && reason !== undefined)
    throw new StationError('credential_not_live', { deviceSerial });
  const newest = before ?? inventory.credentialsOf(deviceSerial)[0];
  const profile = parts.profile(request.profileName ?? newest?.profileName ?? 'tls-client');
  const values = { deviceSerial, site: facts.site };
  const key = keyFor(parts, request.request, profile.keyAlgorithm);
  const files: string[] = [];
  try {
    if (key.request !== undefined) checkRequest(key.request, profile, decideNames(profile, values));
    const issued = issueCredential(parts, {
      holder: { kind: 'device', deviceSerial },
      ...{ profile, values, publicKeySpki: key.publicKeySpki, operatorName },
      custody: key.request === undefined ? 'file' : 'on-device',
      supersedes: before,
      revokeFirst: reason,
      store({ certificateDer, issuingDer }) {
        const stem = fileStem(deviceSerial);
        key.privateKeyPkcs8?.use((bytes) =>
          files.push(
            ...writeFiles(folder, [{ fileName: `${stem}.key.pem`, bytes: pem('PRIVATE KEY', bytes) }], 0o600),
          ),
        );
        const chain = Buffer.from(toPemChain([certificateDer, issuingDer]));
        files.push(...writeFiles(folder, [{ fileName: `${stem}.pem`, bytes: chain }]));
      },
    });
    return { ...issued, replaced: before?.certificateSerial, files };
  } finally {
    key.privateKeyPkcs8?.wipe();
  }
}

interface NewKey {
  readonly publicKeySpki: Uint8Array;
  readonly privateKeyPkcs8: Secret | undefined;
  readonly request: ReturnType<typeof readRequest> | undefined;
}

function keyFor(parts: IssuingParts, requestBytes: Uint8Array | undefined, algorithm: KeyAlgorithm): NewKey {
  if (requestBytes === undefined) return { ...parts.keys.generate(algorithm), request: undefined };
  const request = readRequest(requestBytes);
  return { publicKeySpki: request.publicKeySpki, privateKeyPkcs8: undefined, request };
}
