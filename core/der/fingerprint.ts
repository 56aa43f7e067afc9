// SHA-256 over DER: the name by which certificates and public keys are recorded and compared.

import { createHash, hash } from 'node:crypto';
import type { Sha256Hex } from '../domain/ids.ts';

/** One call instead of an object with three: since Node 20.12, so not in every Electron. */
const oneShot: typeof hash | undefined = hash;

export const sha256Hex = (bytes: Uint8Array): Sha256Hex =>
  (oneShot?.('sha256', bytes, 'hex') ?? createHash('sha256').update(bytes).digest('hex')) as Sha256Hex;

/** Only where RFC 5280 4.2.1.2 names a key by it: nothing is protected by SHA-1. */
export const sha1Hex = (bytes: Uint8Array): string =>
  oneShot?.('sha1', bytes, 'hex') ?? createHash('sha1').update(bytes).digest('hex');
