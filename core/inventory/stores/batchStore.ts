// Batches for programming houses: blocks of devices reserved and recorded at once. What a block is to sign (devices and
// certificate serials, under the batch's profile and issuing CA) is durable before its keys are made; its certificates are
// recorded in one transaction.

import { z } from 'zod';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { CredentialId, OrderId, Sha256Hex } from '../../domain/ids.ts';
import type { PatternValues } from '../../domain/profile.ts';
import { StationError } from '../../domain/stationError.ts';
import type { WorkOrder } from '../../domain/workOrder.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { branded, nullable, rowParser } from '../rows/row.ts';
import { type BatchCertificateRecord, createBatchBlocks } from './batchBlocks.ts';
import { createBatchIntents, type IntendedDevice } from './batchIntents.ts';
import { createBatchSequence, type SerialNumbering } from './batchSequence.ts';
import type { DeviceStore } from './deviceStore.ts';
import type { IssuingCaStore } from './issuingCaStore.ts';
import type { WorkOrderStore } from './workOrderStore.ts';

export interface BatchPlan {
  readonly order: Pick<WorkOrder, 'orderId' | 'targetName' | 'quantity'>;
  /** How many devices, those of earlier attempts included; at most the order's quantity. */
  readonly count: number;
  readonly numbering: SerialNumbering | undefined;
  readonly issuingCa: Sha256Hex;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly values: PatternValues;
  newCertificateSerials(count: number): readonly CertificateSerial[];
  newCredentialId(): CredentialId;
  nowMs(): number;
}

export interface ReservedBatchDevice extends IntendedDevice {
  readonly values: PatternValues;
}

export interface BatchRecord {
  readonly issuedCount: number;
  readonly outputSizeBytes: number;
  readonly numbering: SerialNumbering | undefined;
}

const parseBatch = rowParser(
  'batch',
  'order_id',
  z.object({
    issuing_ca: branded<Sha256Hex>(),
    profile_name: z.string(),
    profile_version: z.int(),
    serial_prefix: nullable(z.string()),
    serial_digits: nullable(z.int()),
    next_position: z.int(),
    issued: z.int(),
    output_size_bytes: z.int(),
  }),
);

/** In what a batch began otherwise than it is to go on. */
function changeSince(begun: ReturnType<typeof parseBatch>, plan: BatchPlan): string | undefined {
  const { numbering, issuingCa, profileName, profileVersion } = plan;
  if (begun.issuing_ca !== issuingCa) return 'began-with-another-ca';
  if (begun.profile_name !== profileName || begun.profile_version !== profileVersion)
    return 'began-with-another-profile';
  const isNumberedAnew =
    numbering !== undefined &&
    (begun.serial_prefix !== numbering.prefix || begun.serial_digits !== numbering.digits);
  return isNumberedAnew ? 'began-with-another-numbering' : undefined;
}

export function createBatchStore(
  connection: Connection,
  audit: AuditLog,
  devices: DeviceStore,
  orders: WorkOrderStore,
  issuingCas: IssuingCaStore,
  actor: () => string,
) {
  const batchOf = (orderId: OrderId) =>
    parseBatch(connection.get('SELECT * FROM batch WHERE order_id = @orderId', { orderId }));
  const sequence = createBatchSequence(connection, devices);
  const intents = createBatchIntents(connection);
  const blocks = createBatchBlocks(connection, devices);

  /** Begins a batch, or finds the one that is under way: it goes on as it began, or is refused. */
  function begin(plan: BatchPlan): void {
    const { order, numbering, issuingCa, profileName, profileVersion } = plan;
    const { orderId } = order;
    if (plan.count > order.quantity)
      throw new StationError('value_invalid', { field: 'count', reason: 'order-for-fewer' });
    connection.write('beginBatch', { orderId }, () => {
      const row = connection.get('SELECT * FROM batch WHERE order_id = @orderId', { orderId });
      const begun = row === undefined ? undefined : parseBatch(row);
      const changed = begun === undefined ? undefined : changeSince(begun, plan);
      if (begun !== undefined && changed === undefined) return;
      // Where no device was taken, nothing was made: a mistyped prefix can be corrected.
      if (begun !== undefined && begun.next_position > 0)
        throw new StationError('batch_changed', { reason: changed });
      if (orders.facts(orderId).closedAtMs !== undefined) throw new StationError('order_complete', {});
      const listed = sequence.hasList(orderId);
      if (listed === (numbering !== undefined)) {
        throw new StationError('value_invalid', {
          field: 'prefix',
          reason: listed ? 'order-with-serials' : 'order-without-serials',
        });
      }
      connection.run(
        `INSERT INTO batch (order_id, issuing_ca, profile_name, profile_version, serial_prefix, serial_digits)
         VALUES (@orderId, @issuingCa, @profileName, @profileVersion, @prefix, @digits)
         ON CONFLICT (order_id) DO UPDATE SET issuing_ca = @issuingCa, profile_name = @profileName,
           profile_version = @profileVersion, serial_prefix = @prefix, serial_digits = @digits`,
        {
          orderId,
          issuingCa,
          profileName,
          profileVersion,
          prefix: numbering?.prefix,
          digits: numbering?.digits,
        },
      );
      const details = { orderId, issuingCa, profileName, profileVersion };
      audit.record({ act: 'batch-begun', actor: actor(), atMs: plan.nowMs(), details });
    });
  }

  /** The order's next devices; moves the batch on past them. */
  function takeNext(orderId: OrderId, count: number): readonly DeviceSerial[] {
    const { serial_prefix: prefix, serial_digits: digits, next_position: from } = batchOf(orderId);
    const numbering = prefix === undefined ? undefined : { prefix, digits: digits ?? 0 };
    const { taken, next } = sequence.take(orderId, numbering, from, count);
    connection.run('UPDATE batch SET next_position = @next WHERE order_id = @orderId', { orderId, next });
    return taken;
  }

  /** Serials that no certificate has: drawn at random, and looked up before anything is signed with them. */
  function freshSerials(plan: BatchPlan, count: number): readonly CertificateSerial[] {
    const drawn = plan.newCertificateSerials(count);
    const sorted = [...drawn].sort();
    // They stand side by side (newCertificateSerials): almost always nothing stands between the first and the last.
    const used = connection.get(
      `SELECT 1 FROM credential WHERE certificate_serial BETWEEN @first AND @last
         AND +certificate_serial IN (SELECT value FROM json_each(@drawn)) LIMIT 1`,
      { first: sorted[0], last: sorted.at(-1), drawn: JSON.stringify(drawn) },
    );
    if (used !== undefined || new Set(drawn).size !== count) {
      throw new StationError('record_refused', { reason: 'certificate-serial-twice' });
    }
    return drawn;
  }

  function reserve(plan: BatchPlan, wanted: number): readonly ReservedBatchDevice[] {
    const { orderId } = plan.order;
    return connection.write('reserveBlock', { orderId }, () => {
      const { issued } = batchOf(orderId);
      const { waiting, intended } = intents.counts(orderId);
      const room = Math.max(0, plan.count - issued - intended - waiting);
      const possible = Math.min(wanted, waiting + room);
      if (possible === 0) return [];
      const ca = issuingCas.byDigest(plan.issuingCa);
      if (ca === undefined) throw new StationError('issuing_ca_unknown', { name: plan.issuingCa });
      const allowed = Math.min(possible, issuingCas.left(ca, plan.nowMs()));
      const again = sequence.unprovisioned(intents.takePostponed(orderId, allowed));
      const deviceSerials = [...again, ...takeNext(orderId, allowed - again.length)];
      issuingCas.add(plan.issuingCa, deviceSerials.length);
      const certificateSerials = freshSerials(plan, deviceSerials.length);
      const reserved = deviceSerials.flatMap((deviceSerial, index) => {
        const certificateSerial = certificateSerials[index];
        return certificateSerial === undefined ? [] : [{ deviceSerial, certificateSerial }];
      });
      intents.add(orderId, reserved);
      return reserved.map((one) => ({ ...one, values: plan.values }));
    });
  }

  function commit(plan: BatchPlan, made: readonly BatchCertificateRecord[], outputSizeBytes: number): void {
    const { profileName, profileVersion } = plan;
    const { orderId, targetName } = plan.order;
    const atMs = plan.nowMs();
    connection.write('commitBlock', { orderId }, () => {
      intents.settle(orderId, made);
      const idPrefix = plan.newCredentialId();
      const facts = { orderId, idPrefix, targetName, profileName, profileVersion, atMs };
      const { block, digest } = blocks.insert(facts, made);
      connection.run(
        `UPDATE batch SET issued = issued + @certificates, output_size_bytes = @outputSizeBytes
         WHERE order_id = @orderId`,
        { orderId, certificates: made.length, outputSizeBytes },
      );
      const details = { blockNumber: block, orderId, certificates: made.length, digest };
      audit.record({ act: 'batch-issued', actor: actor(), atMs, details });
    });
  }

  function giveUp(plan: BatchPlan, reserved: readonly ReservedBatchDevice[], reason: string): void {
    const { orderId } = plan.order;
    connection.write('voidReservations', { orderId }, () => {
      intents.settle(orderId, reserved);
      intents.postpone(
        orderId,
        reserved.map((one) => one.deviceSerial),
      );
      issuingCas.add(plan.issuingCa, -reserved.length);
      const certificateSerials = reserved.map((one) => one.certificateSerial);
      const details = { orderId, reason, certificateSerials };
      audit.record({ act: 'batch-reservations-voided', actor: actor(), atMs: plan.nowMs(), details });
    });
  }

  return {
    /** What is recorded of an order's batch; undefined where none was begun. */
    find(orderId: OrderId): BatchRecord | undefined {
      const row = connection.get('SELECT * FROM batch WHERE order_id = @orderId', { orderId });
      if (row === undefined) return undefined;
      const { issued, output_size_bytes, serial_prefix: prefix, serial_digits: digits } = parseBatch(row);
      return {
        issuedCount: issued,
        outputSizeBytes: output_size_bytes,
        numbering: prefix === undefined || digits === undefined ? undefined : { prefix, digits },
      };
    },
    /**
     * Begins or continues the batch of an order. Throws `batch_changed` when it began with another profile, CA or
     * numbering, `value_invalid` when it is to be larger than the order, `order_complete`, `issuing_quota_reached`, `issuing_ca_ended`. One process at a time: hold the lock.
     */
    open(plan: BatchPlan) {
      begin(plan);
      const { orderId } = plan.order;
      return {
        state() {
          const { issued, output_size_bytes: outputSizeBytes } = batchOf(orderId);
          const reserved = intents.open(orderId).map((one) => ({ ...one, values: plan.values }));
          return { issuedCount: issued, outputSizeBytes, reserved };
        },
        hasIssued: (certificateSerial: string): boolean =>
          connection.get(
            `SELECT 1 FROM credential JOIN batch_block ON block_number = batch_block
             WHERE certificate_serial = @certificateSerial AND order_id = @orderId`,
            { certificateSerial, orderId },
          ) !== undefined,
        reserve: (count: number) => reserve(plan, count),
        commit: (made: readonly BatchCertificateRecord[], outputSizeBytes: number) =>
          commit(plan, made, outputSizeBytes),
        void: (reserved: readonly ReservedBatchDevice[], reason: string) => giveUp(plan, reserved, reason),
      };
    },
  };
}
