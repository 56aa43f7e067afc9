// The few words spoken inside the TLS connection. In TLS 1.3 a client's handshake is over before the server has looked
// at its certificate (RFC 8446 4.4.2.4, figure 1), so only an answer that repeats the client's nonce proves admission.

import { isRefusalCode, type RefusalCode } from './refusal.ts';

/** Random octets in a proof; they keep two proofs on one server apart. */
export const NONCE_SIZE_BYTES = 16;

const PROOF_LINE = /^keyline-proof ([0-9a-f]{32})\n$/;
const REFUSED_LINE = /^refused ([a-z-]{1,32})\n$/;

export const proofLine = (nonce: string): string => `keyline-proof ${nonce}\n`;
export const admittedLine = (nonce: string): string => `admitted ${nonce}\n`;
export const refusedLine = (code: RefusalCode): string => `refused ${code}\n`;

/** No valid line from a client or a server is longer. */
export const PROOF_LINE_MAX_BYTES = proofLine('0'.repeat(2 * NONCE_SIZE_BYTES)).length;

/** The nonce of a complete proof line, nothing before and nothing after it; undefined for anything else. */
export const parseProofLine = (text: string): string | undefined => PROOF_LINE.exec(text)?.[1];

export type Answer = 'admitted' | RefusalCode;

/** Reads the server's whole answer to `nonce`; a code this version does not know is `other`, any babble `protocol`. */
export function parseAnswer(text: string, nonce: string): Answer {
  if (text === admittedLine(nonce)) return 'admitted';
  const code = REFUSED_LINE.exec(text)?.[1];
  if (code === undefined) return 'protocol';
  return isRefusalCode(code) ? code : 'other';
}
