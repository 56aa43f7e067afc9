// SHA-256 over DER: the name by which certificates and public keys are recorded and compared.

import { createHash } from 'node:crypto';
import type { Sha256Hex } from '../../domain/ids.ts';

export const sha256Hex = (bytes: Uint8Array): Sha256Hex =>
  createHash('sha256').update(bytes).digest('hex') as Sha256Hex;
