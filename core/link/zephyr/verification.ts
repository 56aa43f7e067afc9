// Compares what the device holds with the plan: by the device's own digests, or, where the firmware cannot hash, by
// reading the bytes back. The latter puts the private key on the line once more and is the weaker choice.

import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { compareReadBack } from '../plan/readBack.ts';
import type { Command } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, ask } from './ask.ts';
import type { PlannedItem } from './plannedItems.ts';
import { listCredentials } from './probe.ts';
import { CLEARED, isRefusal, occupiedItems, TYPE_NAMES, throwRefusal } from './replies.ts';

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
    verifications.push(
      held.sha256 === undefined
        ? await compareReadBack(line.questions, expected(planned), () =>
            readEntry(line, planned.item, securityTag),
          )
        : compareDigest(planned, held.sha256),
    );
  }
  return verifications;
}

const expected = ({ item, storedSha256 }: PlannedItem) => ({ item, expectedSha256: storedSha256 });

function compareDigest(planned: PlannedItem, actualSha256: Sha256Hex): ItemVerification {
  const check = 'device-digest';
  if (actualSha256 !== planned.storedSha256) throw mismatch(planned, actualSha256, check);
  return { ...expected(planned), check, actualSha256 };
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
  const command: Command = {
    text: `cred get ${securityTag} ${TYPE_NAMES[item]} bin`,
    isFinal: (row) => row === CLEARED || isRefusal(row),
  };
  const rows = await ask(line, command, (reply) => {
    throwRefusal(reply.rows, { item, securityTag });
    if (!reply.complete) throw answerInvalid(line, command, reply);
    return reply.rows;
  });
  // The output is cut into lines of base64, each decodable on its own (CONFIG_TLS_CREDENTIALS_SHELL_CRED_OUTPUT_WIDTH).
  const text = rows.filter((row) => /^[A-Za-z0-9+/]+={0,2}$/.test(row)).join('');
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
