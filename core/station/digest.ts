// SHA-256 in the form that records use.

import { createHash } from 'node:crypto';
import type { Sha256Hex } from '../domain/ids.ts';

export const sha256Hex = (bytes: Uint8Array): Sha256Hex =>
  createHash('sha256').update(bytes).digest('hex') as Sha256Hex;
