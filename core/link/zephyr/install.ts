// The install phase: key first, then the certificates; each is put into the buffer, what it replaces is deleted, and it
// becomes an entry. What already stands there byte for byte is left alone: deleting it would only cost heap.

import type { Clock } from '../../domain/clock.ts';
import type { CertificateItem } from '../../domain/credential.ts';
import type { SlotItem } from '../../domain/deviceIdentity.ts';
import type { InstallOptions } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { LineSession } from '../session/lineSession.ts';
import { addEntry, deleteEntry } from './entries.ts';
import { INSTALL_ORDER, type PlannedItem } from './plannedItems.ts';
import { listCredentials } from './probe.ts';
import { occupiedItems } from './replies.ts';
import { isCrashingSize, isDigestOfTinyContent } from './tinyCredential.ts';
import { clearBuffer, fillBuffer, type UploadLimits } from './upload.ts';
import { readEntry } from './verification.ts';

export interface InstallJob extends InstallOptions {
  readonly line: LineSession;
  readonly clock: Clock;
  readonly items: readonly PlannedItem[];
  readonly securityTag: number;
  readonly limits: UploadLimits;
}

/** Returns the evidence for the run's record. Errors: `slot_taken`, `device_store_full`, `credential_too_large`, `bytes_lost`. */
export async function installItems(job: InstallJob): Promise<JsonObject> {
  const startedAtMs = job.clock.nowMs();
  const { sentBytes, receivedBytes } = job.line;
  const occupied = occupiedItems(await listCredentials(job.line), job.securityTag);
  const pending = pendingItems(job, occupied);
  await requireDeletable(job, pending, occupied);
  const results: JsonObject[] = [];
  if (pending.length > 0) await clearBuffer(job.line);
  const report = progressOf(job, pending);
  for (const planned of pending) {
    results.push(await installItem(job, planned, isOccupied(occupied, planned), report));
  }
  return {
    items: results,
    kept: job.items.filter((planned) => !pending.includes(planned)).map(({ item }) => item),
    durationMs: Math.round(job.clock.nowMs() - startedAtMs),
    sentBytes: job.line.sentBytes - sentBytes,
    receivedBytes: job.line.receivedBytes - receivedBytes,
    lineLimitBytes: job.limits.lineLimitBytes,
    windowBytes: job.limits.windowBytes,
  };
}

const isOccupied = (occupied: readonly SlotItem<CertificateItem>[], planned: PlannedItem): boolean =>
  occupied.some(({ item }) => item === planned.item);

/** What has to be written, in the order of writing; `slot_taken` when that would replace something unasked. */
function pendingItems(
  job: InstallJob,
  occupied: readonly SlotItem<CertificateItem>[],
): readonly PlannedItem[] {
  const pending = INSTALL_ORDER.flatMap((item) =>
    job.items.filter((planned) => planned.item === item),
  ).filter(
    (planned) =>
      !occupied.some(({ item, sha256 }) => item === planned.item && sha256 === planned.storedSha256),
  );
  const taken = pending.find((planned) => isOccupied(occupied, planned));
  if (taken !== undefined && !job.replace) {
    throw new StationError('slot_taken', { securityTag: job.securityTag, items: taken.item });
  }
  return pending;
}

/** Deleting an entry of up to three bytes crashes the device; see tinyCredential.ts. */
async function requireDeletable(
  job: InstallJob,
  pending: readonly PlannedItem[],
  occupied: readonly SlotItem<CertificateItem>[],
): Promise<void> {
  for (const { item, sha256 } of occupied) {
    if (!pending.some((planned) => planned.item === item)) continue;
    // A certificate is public and may be read; a private key is judged by its digest alone.
    const tiny =
      item === 'privateKey'
        ? sha256 !== undefined && isDigestOfTinyContent(sha256)
        : isCrashingSize((await readEntry(job.line, item, job.securityTag)).length);
    if (tiny) throw new StationError('device_refused', { item, reason: 'undeletable' });
  }
}

async function installItem(
  job: InstallJob,
  planned: PlannedItem,
  replaces: boolean,
  report: (sizeBytes: number) => void,
): Promise<JsonObject> {
  const { lines, resends } = await fillBuffer(job.line, planned, job.limits, report);
  // `cred del` leaves the buffer alone, so the slot is empty for two commands only.
  if (replaces) await deleteEntry(job.line, planned.item, job.securityTag);
  await addEntry(job.line, planned, job.securityTag);
  const { item, format, storedSizeBytes } = planned;
  return { item, format, storedSizeBytes, lines, resends, replaced: replaces };
}

function progressOf(job: InstallJob, pending: readonly PlannedItem[]): (sizeBytes: number) => void {
  const totalBytes = pending.reduce((sum, { textSizeBytes }) => sum + textSizeBytes, 0);
  let sentBytes = 0;
  return (sizeBytes) => {
    sentBytes += sizeBytes;
    job.onProgress({ sentBytes, totalBytes });
  };
}
