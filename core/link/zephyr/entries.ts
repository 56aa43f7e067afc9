// The entries of the device's store: made of what is in its buffer, and deleted. Each command is given once; where its reply
// was garbled, the list shows what came of it.

import { StationError } from '../../domain/stationError.ts';
import type { Command } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, order } from './ask.ts';
import type { PlannedItem } from './plannedItems.ts';
import { listCredentials } from './probe.ts';
import {
  addedSize,
  isAbsent,
  isDeleted,
  isRefusal,
  occupiedItems,
  TYPE_NAMES,
  throwRefusal,
} from './replies.ts';

/** Makes the buffer's content an entry of the store and checks the length that the device reports. */
export async function addEntry(line: LineSession, planned: PlannedItem, securityTag: number): Promise<void> {
  const command: Command = {
    text: `cred add ${securityTag} ${TYPE_NAMES[planned.item]} DEFAULT ${planned.format}`,
    isFinal: (row) => addedSize(row, securityTag) !== undefined || isRefusal(row),
  };
  const facts = { item: planned.item, securityTag };
  const add = async (): Promise<void> => {
    const reply = await order(line, command);
    throwRefusal(reply.rows, facts);
    const sizeBytes = reply.rows.map((row) => addedSize(row, securityTag)).find((size) => size !== undefined);
    if (sizeBytes === undefined) throw answerInvalid(line, command, reply);
    if (sizeBytes !== planned.storedSizeBytes) {
      throw new StationError('verification_mismatch', {
        ...facts,
        expectedSizeBytes: planned.storedSizeBytes,
        actualSizeBytes: sizeBytes,
      });
    }
  };
  // That it is what was sent, the verification tells.
  await line.questions.order(command.text, add, () => isListed(line, planned.item, securityTag));
}

/** Deletes an entry; one that is already gone is as good as deleted. */
export async function deleteEntry(
  line: LineSession,
  item: PlannedItem['item'],
  securityTag: number,
): Promise<void> {
  const command: Command = {
    text: `cred del ${securityTag} ${TYPE_NAMES[item]}`,
    isFinal: (row) => isDeleted(row, securityTag) || isRefusal(row),
  };
  const remove = async (): Promise<void> => {
    const reply = await order(line, command);
    if (reply.rows.some((row) => isDeleted(row, securityTag) || isAbsent(row))) return;
    throwRefusal(reply.rows, { item, securityTag });
    throw answerInvalid(line, command, reply);
  };
  await line.questions.order(command.text, remove, async () => !(await isListed(line, item, securityTag)));
}

async function isListed(line: LineSession, item: PlannedItem['item'], securityTag: number): Promise<boolean> {
  return occupiedItems(await listCredentials(line), securityTag).some((held) => held.item === item);
}
