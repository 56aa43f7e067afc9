// nRF Cloud onboarding: CSV without a header, at most 1,000 rows per file, ASCII, line feeds.

import { toPem } from '../../der/pem.ts';
import { type ExportedDevice, type ExportedFile, textFile } from './files.ts';
import { checkText, limitBroken } from './limits.ts';

const CONSUMER = 'nrf-cloud';
const ROWS_PER_FILE = 1000;

export interface NrfCloudOptions {
  readonly subType: string;
  readonly tags: readonly string[];
  /** `APP`, `MODEM`, `BOOT` … */
  readonly firmwareTypes: readonly string[];
}

/** The names count from 1. */
export const nrfCloudFileName = (fileNumber: number): string =>
  `nrf-cloud-${String(fileNumber).padStart(4, '0')}.csv`;

/** One file after another, so that a million devices need the memory of a thousand. Throws `trust_limit`. */
export function* nrfCloudFiles(
  devices: Iterable<ExportedDevice>,
  options: NrfCloudOptions,
): Generator<ExportedFile> {
  const plain = /^[A-Za-z0-9_.-]{0,64}$/;
  const subType = checkText(CONSUMER, 'sub-type', options.subType, plain);
  const tags = options.tags.map((tag) => checkText(CONSUMER, 'tag', tag, /^[A-Za-z0-9_.-]{1,64}$/)).join('|');
  const types = options.firmwareTypes
    .map((type) => checkText(CONSUMER, 'firmware-type', type, /^[A-Z_]{1,20}$/))
    .join('|');
  const seen = new Set<string>();
  let rows: string[] = [];
  let fileNumber = 1;
  const file = (): ExportedFile => textFile(nrfCloudFileName(fileNumber++), rows.join(''));
  for (const { deviceSerial, certificateDer } of devices) {
    checkText(CONSUMER, 'device-id', deviceSerial, /^[A-Za-z0-9._:+/-]{1,64}$/);
    if (seen.has(deviceSerial)) throw limitBroken(CONSUMER, 'device-id-twice', deviceSerial);
    seen.add(deviceSerial);
    rows.push(`${deviceSerial},${subType},${tags},${types},"${toPem('CERTIFICATE', certificateDer)}"\n`);
    if (rows.length === ROWS_PER_FILE) {
      yield file();
      rows = [];
    }
  }
  if (rows.length > 0) yield file();
}
