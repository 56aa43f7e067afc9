// The proof's lines: what is written is read, and nothing else is.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admittedLine,
  PROOF_LINE_MAX_BYTES,
  parseAnswer,
  parseProofLine,
  proofLine,
  refusedLine,
} from '../../../core/edge/proofProtocol.ts';
import { REFUSAL_CODES } from '../../../core/edge/refusal.ts';

const NONCE = '00112233445566778899aabbccddeeff';

describe('parseProofLine', () => {
  it('reads what proofLine writes', () => {
    expect(proofLine(NONCE)).toBe('keyline-proof 00112233445566778899aabbccddeeff\n');
    expect(parseProofLine(proofLine(NONCE))).toBe(NONCE);
    expect(proofLine(NONCE)).toHaveLength(PROOF_LINE_MAX_BYTES);
  });

  it.each([
    '',
    '\n',
    'keyline-proof \n',
    proofLine(NONCE).trimEnd(),
    `${proofLine(NONCE)}\n`,
    ` ${proofLine(NONCE)}`,
    proofLine(NONCE.toUpperCase()),
    proofLine(NONCE.slice(1)),
    proofLine(`${NONCE}0`),
    proofLine(NONCE).replace('\n', '\r\n'),
  ])('refuses %j', (text) => {
    expect(parseProofLine(text)).toBeUndefined();
  });

  it('reads back every text that it accepts', () => {
    const nearly = fc.stringMatching(/^keyline-proof [0-9a-fA-F]{30,34}\n{0,2}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), (text) => {
        const nonce = parseProofLine(text);
        return nonce === undefined || proofLine(nonce) === text;
      }),
    );
  });
});

describe('parseAnswer', () => {
  it('is an admission only with the very nonce', () => {
    expect(parseAnswer(admittedLine(NONCE), NONCE)).toBe('admitted');
    expect(parseAnswer(admittedLine(NONCE.replace('0', '1')), NONCE)).toBe('protocol');
    expect(parseAnswer(admittedLine(NONCE).trimEnd(), NONCE)).toBe('protocol');
    expect(parseAnswer(admittedLine(NONCE) + admittedLine(NONCE), NONCE)).toBe('protocol');
  });

  it.each(REFUSAL_CODES)('knows the refusal %s', (code) => {
    expect(parseAnswer(refusedLine(code), NONCE)).toBe(code);
    expect(refusedLine(code).length).toBeLessThanOrEqual(PROOF_LINE_MAX_BYTES);
  });

  it('takes an unknown code for other and cannot be talked into an admission', () => {
    expect(parseAnswer('refused by-a-later-version\n', NONCE)).toBe('other');
    expect(parseAnswer('refused admitted\n', NONCE)).toBe('other');
  });

  it('never throws and never admits on babble', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseAnswer(text, NONCE) !== 'admitted'));
  });
});
