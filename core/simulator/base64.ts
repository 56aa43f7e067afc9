// Base64 as Zephyr's library reads it: strict about characters, careless about length. An incomplete last group of four
// is dropped without an error, so that a cut text decodes to less and is accepted.

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/** The decoded bytes; undefined where a character is not allowed (-EINVAL). */
export function decodeBase64(text: string): Uint8Array | undefined {
  // Line ends, and spaces before them, are skipped (RFC 4648 3.1 leaves that to the reader).
  const compact = text.replace(/ *\r?\n/g, '').replace(/ +$/, '');
  if (!ALPHABET.test(compact)) return undefined;
  const whole = compact.slice(0, compact.length - (compact.length % 4));
  return new Uint8Array(Buffer.from(whole, 'base64'));
}
