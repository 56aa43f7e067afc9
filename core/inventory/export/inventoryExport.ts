// The inventory as flat rows for other systems: times in ISO 8601, nothing that is not known.

import type { DeviceSummary } from '../queries/deviceList.ts';

export const EXPORT_COLUMNS = [
  'deviceSerial',
  'hardwareId',
  'target',
  'firmware',
  'firstSeen',
  'state',
  'certificateSerial',
  'certificateSha256',
  'notBefore',
  'notAfter',
  'keyCustody',
  'profile',
  'profileVersion',
  'lastRun',
  'lastRunAt',
  'lastOutcome',
  'lastOrder',
] as const;
export type ExportColumn = (typeof EXPORT_COLUMNS)[number];
export type ExportRow = Readonly<Record<ExportColumn, string | number | undefined>>;

const isoTime = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString();

export function exportRow({ device, orderName, credential, lastRun }: DeviceSummary): ExportRow {
  return {
    deviceSerial: device.deviceSerial,
    hardwareId: device.hardwareId,
    target: device.targetName,
    firmware: device.firmware,
    firstSeen: isoTime(device.firstSeenAtMs),
    state: credential?.state ?? 'none',
    certificateSerial: credential?.certificateSerial,
    certificateSha256: credential?.certificateSha256,
    notBefore: isoTime(credential?.notBeforeMs),
    notAfter: isoTime(credential?.notAfterMs),
    keyCustody: credential?.custody,
    profile: credential?.profileName,
    profileVersion: credential?.profileVersion,
    lastRun: lastRun?.runId,
    lastRunAt: isoTime(lastRun?.startedAtMs),
    lastOutcome: lastRun?.outcome,
    lastOrder: orderName,
  };
}
