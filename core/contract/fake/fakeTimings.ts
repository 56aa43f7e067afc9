// How long the fake's phases take and how its runs fail.

import type { Phase } from '../../domain/run.ts';
import type { ErrorCode, ErrorDetails } from '../../domain/stationError.ts';

export interface Plan {
  readonly code: ErrorCode;
  readonly phase: Phase;
  readonly details: ErrorDetails;
}

export const PHASE_MS: Readonly<Record<Phase, number>> = {
  open: 150,
  identify: 600,
  reserve: 80,
  key: 450,
  prepare: 90,
  issue: 160,
  install: 3_200,
  verify: 1_700,
  seal: 250,
  close: 120,
};

/** Failures as a bench sees them, commonest first. */
export const FAILURES: readonly Plan[] = [
  { code: 'device_silent', phase: 'identify', details: { waitedMs: 3_000 } },
  { code: 'verification_mismatch', phase: 'verify', details: { item: 'certificate' } },
  { code: 'already_provisioned', phase: 'identify', details: {} },
  { code: 'handshake_failed', phase: 'verify', details: { reason: 'bad certificate' } },
  { code: 'bytes_lost', phase: 'install', details: { expected: 812, actual: 809 } },
  { code: 'phase_timeout', phase: 'key', details: { phase: 'key', limitMs: 60_000 } },
];
