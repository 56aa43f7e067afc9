// How an installation was checked, in words.

import type { ItemVerification, VerificationCheck } from '../../core/domain/verification.ts';

const WORDS: Readonly<Record<VerificationCheck, string>> = {
  'device-digest': 'device digest',
  'read-back': 'read back',
  'proof-of-possession': 'proof of possession',
  'length-only': 'length only',
  impossible: 'not possible',
};

/** The checks that were made, each once, in the order of the items. */
export const checkWords = (verification: readonly ItemVerification[]): string =>
  [...new Set(verification.map((item) => WORDS[item.check]))].join(', ');
