// Cuts a credential's text into arguments for `cred buf`, as long as the line allows. The buffer joins them again, so
// the cuts may fall anywhere, except where a piece would spell a subcommand.

/** A piece spelled like these would be run, not stored; `load` even takes the shell into raw mode. */
const SUBCOMMANDS: readonly string[] = ['load', 'clear'];

export interface Chunk {
  /** As it stands on the command line, quoted where needed. */
  readonly argument: string;
  /** What the device will say it stored. */
  readonly sizeBytes: number;
}

/** Inside quotes the shell keeps spaces and reads `\xNN`; a line feed could not be typed otherwise. */
const quoted = (text: string): string => `'${text.replaceAll('\n', '\\x0a')}'`;

const needsQuotes = (text: string): boolean => /[^A-Za-z0-9+/=]/.test(text);

function argumentOf(text: string): string {
  return needsQuotes(text) ? quoted(text) : text;
}

/** `limit` is the longest argument. Text may hold base64, spaces, hyphens and line feeds, nothing else. */
export function cutIntoChunks(text: string, limit: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let from = 0;
  while (from < text.length) {
    let length = longestPiece(text.slice(from), limit);
    const rest = text.slice(from + length);
    // A short rest that spells a subcommand gets one character more.
    if (SUBCOMMANDS.includes(rest)) length -= 1;
    if (SUBCOMMANDS.includes(text.slice(from, from + length))) length -= 1;
    const piece = text.slice(from, from + length);
    chunks.push({ argument: argumentOf(piece), sizeBytes: piece.length });
    from += length;
  }
  return chunks;
}

function longestPiece(text: string, limit: number): number {
  let length = Math.min(text.length, limit);
  while (length > 1 && argumentOf(text.slice(0, length)).length > limit) length -= 1;
  return length;
}
