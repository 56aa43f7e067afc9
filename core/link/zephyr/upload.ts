// Puts one credential into the device's buffer. A byte lost on the way is noticed by echo and by the stored counts; the
// buffer is then filled again, more slowly, at most twice.

import { StationError } from '../../domain/stationError.ts';
import type { Command } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, ask } from './ask.ts';
import { type Chunk, cutIntoChunks } from './chunks.ts';
import type { PlannedItem } from './plannedItems.ts';
import { CLEARED, isHarmlessRow, isRefusal, storedSize, throwRefusal } from './replies.ts';

const RESENDS = 2;
const BUFFER_COMMAND = 'cred buf ';
/** Below this a smaller window only costs time. */
const SMALLEST_WINDOW_BYTES = 16;

export interface UploadLimits {
  readonly lineLimitBytes: number;
  readonly windowBytes: number;
}

export interface UploadResult {
  readonly lines: number;
  readonly resends: number;
}

export const clearBufferCommand: Command = {
  text: `${BUFFER_COMMAND}clear`,
  isFinal: (row) => row === CLEARED || isRefusal(row),
  confirmEcho: true,
};

/** The buffer is scratch memory, and clearing it twice is clearing it: that may be asked again. */
export function clearBuffer(line: LineSession): Promise<void> {
  return ask(line, clearBufferCommand, (reply) => {
    throwRefusal(reply.rows, { command: clearBufferCommand.text });
    if (!reply.complete) throw answerInvalid(line, clearBufferCommand, reply);
  });
}

/** Drops a half-typed line and what is in the buffer, in whatever state a failure left them. */
export async function emptyBuffer(line: LineSession): Promise<void> {
  await line.interrupt({ settle: true });
  line.transcript.lightUp();
  await clearBuffer(line);
}

/** Fills the buffer with the item's text. The buffer must be empty. `onStored` is told the size of each chunk kept. */
export async function fillBuffer(
  line: LineSession,
  planned: PlannedItem,
  limits: UploadLimits,
  onStored: (sizeBytes: number) => void,
): Promise<UploadResult> {
  const secret = planned.item === 'privateKey';
  let resends = 0;
  let windowBytes = limits.windowBytes;
  for (;;) {
    let stored = 0;
    line.windowBytes = windowBytes;
    try {
      const chunks = chunksOf(planned, line, limits.lineLimitBytes);
      if (secret) startDark(line, planned);
      await line.runAll(chunks.map(bufferCommand), (reply, index) => {
        const chunk = chunks[index];
        throwRefusal(reply.rows, { item: planned.item, sizeBytes: planned.textSizeBytes });
        if (chunk === undefined || !reply.rows.some((row) => storedSize(row) === chunk.sizeBytes)) {
          throw new StationError('bytes_lost', { item: planned.item, line: index + 1 });
        }
        stored += chunk.sizeBytes;
        onStored(chunk.sizeBytes);
      });
      line.transcript.lightUp();
      return { lines: chunks.length, resends };
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'bytes_lost') throw error;
      if (resends >= RESENDS) {
        throw new StationError('bytes_lost', { ...error.details, item: planned.item, attempts: resends + 1 });
      }
      resends += 1;
      onStored(-stored);
      windowBytes = Math.max(SMALLEST_WINDOW_BYTES, Math.floor(windowBytes / 2));
      // Still dark where the item is secret: the half-typed line stands on the device's screen.
      await emptyBuffer(line);
      line.transcript.note(`bytes were lost; sending again, at most ${windowBytes} under way`);
    } finally {
      line.windowBytes = limits.windowBytes;
    }
  }
}

function startDark(line: LineSession, planned: PlannedItem): void {
  planned.text.use((bytes) => line.transcript.remember(Buffer.from(bytes).toString('latin1')));
  line.transcript.note(`[secret, ${planned.storedSizeBytes} bytes]`);
  line.transcript.goDark(isHarmlessRow);
}

const bufferCommand = (chunk: Chunk): Command => ({
  text: BUFFER_COMMAND + chunk.argument,
  isFinal: (row) => storedSize(row) !== undefined || isRefusal(row),
});

function chunksOf(planned: PlannedItem, line: LineSession, lineLimitBytes: number): readonly Chunk[] {
  // Without echo a line must fit the receive ring whole, its end included.
  const lineBytes = line.echo ? lineLimitBytes : Math.min(lineLimitBytes, line.windowBytes - 1);
  return planned.text.use((bytes) =>
    cutIntoChunks(Buffer.from(bytes).toString('latin1'), lineBytes - BUFFER_COMMAND.length),
  );
}
