// Writes exactly what a server, broker or cloud takes to trust this site's devices.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IssuingCas } from '../authority/issuing/issuingCas.ts';
import { exportAkamai } from '../authority/trust/akamai.ts';
import {
  awsBulkLines,
  exportAwsBulkTemplate,
  exportAwsIotRegistration,
  exportAwsJitpTemplate,
} from '../authority/trust/awsIot.ts';
import { azureEnrolmentLines, exportAzureVerification } from '../authority/trust/azureIot.ts';
import { exportCloudflare } from '../authority/trust/cloudflare.ts';
import { TRUST_CONSUMERS as SIMPLE_EXPORTS } from '../authority/trust/consumers.ts';
import type { ExportedDevice, ExportedFile, TrustMaterial } from '../authority/trust/files.ts';
import { fingerprintLines } from '../authority/trust/fingerprints.ts';
import { nrfCloudFileName, nrfCloudFiles } from '../authority/trust/nrfCloud.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import { newCredentialId, type OrderId } from '../domain/ids.ts';
import { StationError } from '../domain/stationError.ts';
import { requiredFields, type TrustConsumer } from '../domain/trustConsumer.ts';
import { CRL_WARNING_MS, storedCrls } from './crlFiles.ts';
import type { IssuingParts } from './openIssuing.ts';
import { writeFiles, writeLines } from './outputFiles.ts';

export interface TrustRequest {
  readonly consumer: TrustConsumer;
  readonly authorityFolder: string;
  /** Where the files go. */
  readonly folder: string;
  readonly operatorName: string;
  readonly orderId: OrderId | undefined;
  readonly code: string | undefined;
  readonly set: string | undefined;
  readonly roleArn: string | undefined;
  readonly policy: string | undefined;
  /** Of the JITP template's devices. */
  readonly profile: string;
  readonly subType: string;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
}

/**
 * Returns the paths of the files written. A registration code needs the unlocked authority. Throws `value_missing` for a
 * detail that this consumer cannot do without, `trust_limit`, `chain_invalid`, `authority_locked`, and those of the disk.
 */
export function exportTrust(parts: IssuingParts, request: TrustRequest): readonly string[] {
  const { consumer } = request;
  for (const field of requiredFields(consumer)) {
    if ((request[field] ?? '') === '') throw new StationError('value_missing', { field, consumer });
  }
  const files = filesOf(parts, request);
  parts.inventory.append({
    act: 'trust-exported',
    actor: request.operatorName,
    atMs: parts.clock.nowMs(),
    details: { consumer, files: files.length },
  });
  return files;
}

function filesOf(parts: IssuingParts, request: TrustRequest): readonly string[] {
  const { inventory, authority, clock } = parts;
  const { folder, code, set = '', policy, roleArn } = request;
  const write = (files: readonly ExportedFile[]): readonly string[] => writeFiles(folder, files);
  const lines = (fileName: string, pieces: Iterable<string>): readonly string[] => {
    const path = join(folder, fileName);
    writeLines(path, pieces);
    return [path];
  };
  const material = (): TrustMaterial => trustMaterial(request.authorityFolder, authority, clock.nowMs());
  const devices = (): Iterable<ExportedDevice> => {
    const [first] = inventory.issuedDevices(request.orderId);
    if (first === undefined && request.orderId !== undefined)
      throw new StationError('order_empty', { name: inventory.order(request.orderId)?.name });
    return inventory.issuedDevices(request.orderId);
  };
  switch (request.consumer) {
    case 'akamai':
      return write(exportAkamai(material(), set));
    case 'cloudflare':
      return write(exportCloudflare(material(), set));
    case 'aws-iot':
      return write([
        ...(code === undefined
          ? SIMPLE_EXPORTS['aws-iot'](material())
          : exportAwsIotRegistration(verification(parts, code, request.operatorName))),
        ...(roleArn === undefined
          ? []
          : exportAwsJitpTemplate({
              profile: parts.profile(request.profile),
              roleArn,
              policyName: needed('policy', policy, request.consumer),
            })),
      ]);
    case 'azure-iot':
      return write(exportAzureVerification(verification(parts, code ?? '', request.operatorName)));
    case 'aws-bulk':
      return [
        ...lines('aws-bulk.jsonl', awsBulkLinesByIssuer(devices(), authority)),
        ...(policy === undefined ? [] : write(exportAwsBulkTemplate(policy))),
      ];
    case 'azure-enrolments':
      return lines('azure-enrolments.jsonl', azureEnrolmentLines(devices()));
    case 'csv':
      return lines('devices.csv', fingerprintLines(devices()));
    case 'nrf-cloud': {
      const { subType, tags, firmwareTypes } = request;
      const written: string[] = [];
      for (const file of nrfCloudFiles(devices(), { subType, tags, firmwareTypes }))
        written.push(...write([file]));
      removeFrom(folder, written.length + 1);
      return written;
    }
    default:
      return write(SIMPLE_EXPORTS[request.consumer](material()));
  }
}

/** What a longer list left there would be uploaded with this one. */
function removeFrom(folder: string, firstNumber: number): void {
  for (let fileNumber = firstNumber; ; fileNumber += 1) {
    const path = join(folder, nrfCloudFileName(fileNumber));
    if (!existsSync(path)) return;
    storageErrors(path, () => rmSync(path));
  }
}

function needed(field: string, value: string | undefined, consumer: string): string {
  if (value === undefined) throw new StationError('value_missing', { field, consumer });
  return value;
}

/** Each device with the CA that signed it: after a roll-over there are two. */
function* awsBulkLinesByIssuer(
  devices: Iterable<{ readonly deviceSerial: string; readonly certificateDer: Uint8Array }>,
  authority: IssuingCas,
): Generator<string> {
  for (const device of devices) yield* awsBulkLines([device], authority.issuerOf(device.certificateDer));
}

/** Root, issuing CAs, and the lists where there are any: a consumer checks all of them or none. */
function trustMaterial(authorityFolder: string, authority: IssuingCas, nowMs: number): TrustMaterial {
  const issuing = [...authority.all.values()].filter((one) => !one.revoked).map((one) => one.issuingDer);
  const stored = storedCrls(authorityFolder, nowMs, CRL_WARNING_MS);
  const crlsDer = stored.flatMap((one) => (one.crlDer === undefined ? [] : [one.crlDer]));
  return { rootDer: authority.rootDer, issuingDer: issuing.toReversed(), crlsDer, nowMs };
}

/** The proof for a cloud's code: a certificate of this CA like any other, so its serial is recorded first. */
function verification(parts: IssuingParts, code: string, operatorName: string) {
  const { authority, inventory, clock, random } = parts;
  const ca = authority.byLabel(authority.assignment.active);
  // Before the record: a locked authority signs nothing.
  const { signer } = ca;
  const certificateSerial = authority.reserveCertificateSerial();
  inventory.append({
    act: 'verification-certificate-issued',
    actor: operatorName,
    atMs: clock.nowMs(),
    details: {
      credentialId: newCredentialId(random),
      certificateSerial,
      issuingSha256: sha256Hex(ca.issuingDer),
    },
  });
  return { code, signer, certificateSerial, nowMs: clock.nowMs() };
}
