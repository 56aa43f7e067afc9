// Brings a backup file to the station, piece by piece: it may be larger than any message.

import type { StationClient } from '../../core/contract/rpc/client.ts';
import type { Backup } from '../../core/contract/schemas/session.ts';

/** Divisible by three, so that the pieces' base64 has no padding inside; well below the longest message. */
const PIECE_BYTES = 3 * 1_048_576;

/** Sends the file; resolves with the backup that the station made of it. Throws what the station says. */
export async function sendBackup(
  client: Pick<StationClient, 'call'>,
  file: Blob,
  onProgress: (sent: number) => void,
  pieceBytes = PIECE_BYTES,
): Promise<Backup> {
  for (let offset = 0; ; ) {
    const piece = new Uint8Array(await file.slice(offset, offset + pieceBytes).arrayBuffer());
    const last = offset + piece.length >= file.size;
    const answer = await client.call('backup.receive', { offset, base64: base64Of(piece), last });
    offset += piece.length;
    onProgress(offset / Math.max(1, file.size));
    if (answer.backup !== undefined) return answer.backup;
    if (last) throw new Error('the station gave no backup');
  }
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
