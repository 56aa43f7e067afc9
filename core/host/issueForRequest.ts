// A first credential without a bay, for a request that somebody brings: the key stays where it was made.

import { decideNames } from '../authority/content.ts';
import { checkRequest } from '../authority/request/requestCheck.ts';
import type { CertificateRequestFile } from '../authority/request/requestReader.ts';
import { toPemChain } from '../der/pem.ts';
import type { DeviceSerial } from '../domain/device.ts';
import { StationError } from '../domain/stationError.ts';
import { type IssuedCredential, issueCredential } from '../station/issueCredential.ts';
import type { IssuingParts } from './openIssuing.ts';
import { fileStem, writeFiles } from './outputFiles.ts';

export interface RequestToIssue {
  readonly deviceSerial: DeviceSerial;
  readonly request: CertificateRequestFile;
  readonly profileName: string;
  /** What kind of device, where it is new. */
  readonly targetName: string;
  /** Where certificate and chain go. */
  readonly folder: string;
  readonly operatorName: string;
}

/** Throws `already_provisioned`, `device_busy`, and what the request, the authority and the disk throw. */
export function issueForRequest(
  parts: IssuingParts,
  wanted: RequestToIssue,
): IssuedCredential & { readonly files: readonly string[] } {
  const { inventory, clock, facts } = parts;
  const { deviceSerial, request, profileName, targetName, folder, operatorName } = wanted;
  const profile = parts.profile(profileName);
  const values = { deviceSerial, site: facts.site };
  checkRequest(request, profile, decideNames(profile, values));
  if (inventory.openRuns().some((run) => run.deviceSerial === deviceSerial))
    throw new StationError('device_busy', { deviceSerial });
  if (inventory.liveCredential(deviceSerial) !== undefined)
    throw new StationError('already_provisioned', { deviceSerial });
  inventory.registerDevice({ deviceSerial, targetName, atMs: clock.nowMs(), operatorName });
  let files: readonly string[] = [];
  const issued = issueCredential(parts, {
    holder: { kind: 'device', deviceSerial },
    ...{ profile, values, publicKeySpki: request.publicKeySpki, custody: 'on-device', operatorName },
    store({ certificateDer, issuingDer }) {
      const chain = Buffer.from(toPemChain([certificateDer, issuingDer]));
      files = writeFiles(folder, [{ fileName: `${fileStem(deviceSerial)}.pem`, bytes: chain }]);
    },
  });
  return { ...issued, files };
}
