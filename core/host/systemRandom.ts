// Randomness from the platform's CSPRNG.

import { randomBytes } from 'node:crypto';
import type { Random } from '../domain/clock.ts';

export const systemRandom: Random = { bytes: (sizeBytes) => randomBytes(sizeBytes) };
