// An order's batch for a programming house, whoever starts it: begun in the records, its output opened, then run as often
// as it takes until it is full.

import { type BlockPlan, batchValidity, DEFAULT_RECHECK_EVERY } from '../authority/batch/blockIssuer.ts';
import { openFileOutput } from '../authority/batch/fileOutput.ts';
import { type BatchProgress, type BatchRequest, runBatch } from '../authority/batch/runBatch.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { newCertificateSerials } from '../domain/certificateSerial.ts';
import { newCredentialId } from '../domain/ids.ts';
import { StationError } from '../domain/stationError.ts';
import type { SerialNumbering } from '../inventory/stores/batchSequence.ts';
import type { IssuingParts } from './openIssuing.ts';

export interface OrderBatchRequest {
  /** Its name or its id. */
  readonly order: string;
  /** How many in all, those of earlier attempts included: at most the order's quantity, and that where it is not given. */
  readonly count: number | undefined;
  /** Device serials for an order without a list. */
  readonly numbering: SerialNumbering | undefined;
  /** The output; it is continued if it is there. */
  readonly path: string;
}

export interface OrderBatch {
  readonly plan: BlockPlan;
  readonly issuer: BatchRequest['issuer'];
  /** Recorded as issued when it was opened. */
  readonly issuedCount: number;
  run(request: Pick<BatchRequest, 'maker' | 'blockSize' | 'signal' | 'onProgress'>): Promise<BatchProgress>;
  close(): void;
}

/**
 * Begins the batch of an order, or finds the one that was stopped; nothing is signed before `run`. Throws `order_unknown`,
 * `custody_not_offered`, `password_not_offered`, `authority_locked`, `clock_behind`, `leaf_outlives_issuer`, and what the profile, the records and the output refuse.
 */
export function openOrderBatch(parts: IssuingParts, request: OrderBatchRequest): OrderBatch {
  const { inventory, authority, facts, clock, random } = parts;
  const order = inventory.order(request.order);
  if (order === undefined) throw new StationError('order_unknown', { order: request.order });
  if (order.passwordPolicy !== undefined)
    throw new StationError('password_not_offered', { reason: 'batch-without-passwords' });
  const profile = parts.profile(order.profileName);
  if (profile.keyCustody === 'on-device')
    throw new StationError('custody_not_offered', { profile: profile.name, offered: 'file' });
  const ca = authority.forProfile(profile.name);
  const issuer = ca.signer;
  const newest = inventory.newestIssuedAtMs();
  if (newest !== undefined && clock.nowMs() < newest) {
    throw new StationError('clock_behind', {
      nowMs: clock.nowMs(),
      earliestMs: newest,
      since: 'newest-certificate',
    });
  }
  const validity = batchValidity(profile, ca.issuingDer, clock.nowMs());
  const sink = inventory.openBatch({
    order,
    count: request.count ?? order.quantity,
    numbering: request.numbering,
    issuingCa: sha256Hex(ca.issuingDer),
    profileName: profile.name,
    profileVersion: profile.version,
    values: { site: facts.site, order: order.name },
    newCertificateSerials: (count) => newCertificateSerials(random, count),
    newCredentialId: () => newCredentialId(random),
    nowMs: () => clock.nowMs(),
  });
  const output = openFileOutput(request.path);
  return {
    plan: { profile, validity, verifySignatures: true, recheckEvery: DEFAULT_RECHECK_EVERY },
    issuer,
    issuedCount: sink.state().issuedCount,
    run: (how) => runBatch({ ...how, sink, output, issuer }),
    close: () => output.close(),
  };
}
