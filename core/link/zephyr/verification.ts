// Compares what the device holds with the plan: by the device's own digests, or, where the firmware cannot hash, by
// reading the bytes back. The latter puts the private key on the line once more and is the weaker choice.

import { createHash } from 'node:crypto';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import type { LineSession } from '../session/lineSession.ts';
import { ask } from './ask.ts';
import type { PlannedItem } from './plannedItems.ts';
import { listCredentials } from './probe.ts';
import { CLEARED, isRefusal, occupiedItems, TYPE_NAMES, throwRefusal } from './replies.ts';

/** Any text on the line while reading may look like base64; the digest tells, and the question is cheap. */
const READ_ATTEMPTS = 3;

/** Errors: `verification_mismatch` with the item and both digests, `verification_impossible`. */
export async function verifyItems(
  line: LineSession,
  items: readonly PlannedItem[],
  securityTag: number,
): Promise<readonly ItemVerification[]> {
  const occupied = occupiedItems(await listCredentials(line), securityTag);
  const verifications: ItemVerification[] = [];
  for (const planned of items) {
    const held = occupied.find(({ item }) => item === planned.item);
    if (held === undefined) throw mismatch(planned, undefined, 'absent');
    const check = held.sha256 === undefined ? 'read-back' : 'device-digest';
    const actualSha256 = held.sha256 ?? (await readBackDigest(line, planned, securityTag));
    if (actualSha256 !== planned.storedSha256) throw mismatch(planned, actualSha256, check);
    verifications.push({ item: planned.item, check, expectedSha256: planned.storedSha256, actualSha256 });
  }
  return verifications;
}

/** SHA-256 of a stored credential's bytes, computed here from `cred get`. */
async function readBackDigest(
  line: LineSession,
  planned: PlannedItem,
  securityTag: number,
): Promise<Sha256Hex> {
  let digest: Sha256Hex | undefined;
  for (let attempt = 0; attempt < READ_ATTEMPTS && digest !== planned.storedSha256; attempt += 1) {
    const stored = await readEntry(line, planned.item, securityTag);
    digest = createHash('sha256').update(stored).digest('hex') as Sha256Hex;
    stored.fill(0);
  }
  if (digest === undefined) throw new StationError('verification_impossible', { item: planned.item });
  return digest;
}

/** The bytes of an entry. The caller wipes them; a private key's never reach the transcript. */
export async function readEntry(
  line: LineSession,
  item: PlannedItem['item'],
  securityTag: number,
): Promise<Uint8Array> {
  const secret = item === 'privateKey';
  if (secret) {
    line.transcript.note(
      'the firmware has no digest: the private key is read back over the line to compare it',
    );
    // Nothing that the device says now is harmless.
    line.transcript.goDark(() => false);
  }
  const reply = await ask(line, {
    text: `cred get ${securityTag} ${TYPE_NAMES[item]} bin`,
    isFinal: (row) => row === CLEARED || isRefusal(row),
  });
  throwRefusal(reply.rows, { item, securityTag });
  // The output is cut into lines of base64, each decodable on its own (CONFIG_TLS_CREDENTIALS_SHELL_CRED_OUTPUT_WIDTH).
  const text = reply.rows.filter((row) => /^[A-Za-z0-9+/]+={0,2}$/.test(row)).join('');
  if (secret) {
    line.transcript.remember(text);
    line.transcript.lightUp();
  }
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

function mismatch(planned: PlannedItem, actualSha256: Sha256Hex | undefined, check: string): StationError {
  return new StationError('verification_mismatch', {
    item: planned.item,
    check,
    expectedSha256: planned.storedSha256,
    actualSha256,
  });
}
