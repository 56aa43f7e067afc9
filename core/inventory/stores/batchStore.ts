// Batches for programming houses: blocks of devices reserved and recorded at once. A reservation (device, certificate
// serial, profile, issuing CA) is durable before its key is made; a block of certificates is one transaction.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../domain/device.ts';
import type { CredentialId, OrderId, Sha256Hex } from '../../domain/ids.ts';
import type { PatternValues } from '../../domain/profile.ts';
import { StationError } from '../../domain/stationError.ts';
import type { WorkOrder } from '../../domain/workOrder.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { certificateSerial } from '../rows/credentialRow.ts';
import { branded, nullable, parsedBy, rowParser } from '../rows/row.ts';
import type { DeviceStore } from './deviceStore.ts';
import type { IssuingCaStore } from './issuingCaStore.ts';
import type { WorkOrderStore } from './workOrderStore.ts';

/** Device serials for an order that has no list: `prefix` and a number from 1 with leading zeros. */
export interface SerialNumbering {
  readonly prefix: string;
  readonly digits: number;
}

export interface BatchPlan {
  readonly order: Pick<WorkOrder, 'orderId' | 'targetName' | 'quantity'>;
  /** How many devices, those of earlier attempts included; at most the order's quantity. */
  readonly count: number;
  readonly numbering: SerialNumbering | undefined;
  readonly issuingCa: Sha256Hex;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly values: PatternValues;
  newCertificateSerial(): CertificateSerial;
  newCredentialId(): CredentialId;
  nowMs(): number;
}

export interface ReservedBatchDevice {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
  readonly values: PatternValues;
}

export interface BatchCertificateRecord {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
  readonly certificateDer: Uint8Array;
  readonly toBeSigned: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly certificateSha256: Sha256Hex;
  readonly publicKeySha256: Sha256Hex;
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
const parseReservation = rowParser(
  'batch_reservation',
  'device_serial',
  z.object({ device_serial: parsedBy(parseDeviceSerial), certificate_serial: nullable(certificateSerial) }),
);
const parseSerial = rowParser(
  'work_order_device',
  'device_serial',
  z.object({ device_serial: parsedBy(parseDeviceSerial) }),
);
const blockNumberRow = z.object({ next: z.int() });

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
  const hasSerialList = (orderId: OrderId): boolean =>
    connection.get('SELECT 1 FROM work_order_device WHERE order_id = @orderId LIMIT 1', { orderId }) !==
    undefined;

  /** Begins a batch, or finds the one that is under way: it goes on as it began, or is refused. */
  function begin(plan: BatchPlan): void {
    const { order, numbering, issuingCa, profileName, profileVersion } = plan;
    const { orderId } = order;
    connection.write('beginBatch', { orderId }, () => {
      const row = connection.get('SELECT * FROM batch WHERE order_id = @orderId', { orderId });
      if (row !== undefined) {
        const begun = parseBatch(row);
        const changed =
          begun.issuing_ca !== issuingCa
            ? 'issuing-ca'
            : begun.profile_name !== profileName || begun.profile_version !== profileVersion
              ? 'profile'
              : numbering !== undefined &&
                  (begun.serial_prefix !== numbering.prefix || begun.serial_digits !== numbering.digits)
                ? 'numbering'
                : undefined;
        if (changed !== undefined) throw new StationError('batch_changed', { what: changed });
        return;
      }
      if (orders.facts(orderId).closedAtMs !== undefined) throw new StationError('order_complete', {});
      const listed = hasSerialList(orderId);
      if (listed === (numbering !== undefined)) {
        throw new StationError('value_invalid', {
          field: 'numbering',
          reason: listed ? 'the order lists its device serials' : 'the order has no list of device serials',
        });
      }
      connection.run(
        `INSERT INTO batch (order_id, issuing_ca, profile_name, profile_version, serial_prefix, serial_digits)
         VALUES (@orderId, @issuingCa, @profileName, @profileVersion, @prefix, @digits)`,
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

  const reservations = (orderId: OrderId) =>
    connection
      .all('SELECT * FROM batch_reservation WHERE order_id = @orderId ORDER BY device_serial', { orderId })
      .map(parseReservation);

  const isListed = (batch: ReturnType<typeof batchOf>): boolean => batch.serial_prefix === undefined;

  function serialAt(
    plan: BatchPlan,
    batch: ReturnType<typeof batchOf>,
    position: number,
  ): string | undefined {
    const { orderId } = plan.order;
    if (!isListed(batch)) {
      return `${batch.serial_prefix}${String(position + 1).padStart(batch.serial_digits ?? 0, '0')}`;
    }
    const row = connection.get(
      'SELECT device_serial FROM work_order_device WHERE order_id = @orderId AND position = @position',
      { orderId, position },
    );
    return row === undefined ? undefined : parseSerial(row).device_serial;
  }

  const isProvisioned = (deviceSerial: DeviceSerial): boolean =>
    connection.get(
      `SELECT 1 FROM credential WHERE device_serial = @deviceSerial
         AND state IN ('issued', 'installed', 'verified', 'sealed')`,
      { deviceSerial },
    ) !== undefined;

  /** The order's next devices without a live credential, at most `count`; moves the batch on past them. */
  function takeNext(plan: BatchPlan, count: number): readonly DeviceSerial[] {
    const { orderId } = plan.order;
    const batch = batchOf(orderId);
    const taken: DeviceSerial[] = [];
    let position = batch.next_position;
    for (; taken.length < count; position += 1) {
      const text = serialAt(plan, batch, position);
      if (text === undefined) break;
      const deviceSerial = parseDeviceSerial(text);
      if (!isProvisioned(deviceSerial)) taken.push(deviceSerial);
    }
    connection.run('UPDATE batch SET next_position = @position WHERE order_id = @orderId', {
      orderId,
      position,
    });
    return taken;
  }

  function reserve(plan: BatchPlan, wanted: number): readonly ReservedBatchDevice[] {
    const { orderId } = plan.order;
    return connection.write('reserveBlock', { orderId }, () => {
      const { issued } = batchOf(orderId);
      const open = reservations(orderId);
      const again = open.filter((one) => one.certificate_serial === undefined);
      const room = Math.max(0, Math.min(plan.count, plan.order.quantity) - issued - open.length);
      const possible = Math.min(wanted, again.length + room);
      if (possible === 0) return [];
      const ca = issuingCas.byDigest(plan.issuingCa);
      if (ca === undefined) throw new StationError('issuing_ca_unknown', { name: plan.issuingCa });
      const allowed = Math.min(possible, issuingCas.left(ca, plan.nowMs()));
      const repeated = again.slice(0, allowed).map((one) => one.device_serial);
      const serials = [...repeated, ...takeNext(plan, allowed - repeated.length)];
      issuingCas.add(plan.issuingCa, serials.length);
      return serials.map((deviceSerial) => {
        const drawn = plan.newCertificateSerial();
        connection.run(
          `INSERT INTO batch_reservation VALUES (@orderId, @deviceSerial, @drawn)
           ON CONFLICT (order_id, device_serial) DO UPDATE SET certificate_serial = @drawn`,
          { orderId, deviceSerial, drawn },
        );
        return { deviceSerial, certificateSerial: drawn, values: plan.values };
      });
    });
  }

  function insertCredential(plan: BatchPlan, block: number, atMs: number, one: BatchCertificateRecord): void {
    const { orderId, targetName } = plan.order;
    const { deviceSerial, certificateSerial: serial } = one;
    const removed = connection.run(
      `DELETE FROM batch_reservation
       WHERE order_id = @orderId AND device_serial = @deviceSerial AND certificate_serial = @serial`,
      { orderId, deviceSerial, serial },
    );
    if (removed !== 1) throw new StationError('record_refused', { deviceSerial, reason: 'not-reserved' });
    devices.recordBatchIssued({ deviceSerial, targetName, atMs, notAfterMs: one.notAfterMs });
    const credentialId = plan.newCredentialId();
    connection.run(
      `INSERT INTO credential (credential_id, holder_kind, device_serial, certificate_serial, state, profile_name,
         profile_version, custody, public_key_sha256, to_be_signed, not_before_ms, not_after_ms, certificate_der,
         certificate_sha256, reserved_at_ms, changed_at_ms, batch_block)
       VALUES (@credentialId, 'device', @deviceSerial, @serial, 'issued', @profileName, @profileVersion, 'file',
         @publicKeySha256, @toBeSigned, @notBeforeMs, @notAfterMs, @certificateDer, @certificateSha256, @atMs, @atMs, @block)`,
      {
        credentialId,
        deviceSerial,
        serial,
        profileName: plan.profileName,
        profileVersion: plan.profileVersion,
        publicKeySha256: one.publicKeySha256,
        toBeSigned: one.toBeSigned,
        notBeforeMs: one.notBeforeMs,
        notAfterMs: one.notAfterMs,
        certificateDer: one.certificateDer,
        certificateSha256: one.certificateSha256,
        atMs,
        block,
      },
    );
    connection.run("INSERT INTO credential_step VALUES (@credentialId, 'issued', @atMs)", {
      credentialId,
      atMs,
    });
  }

  function commit(plan: BatchPlan, made: readonly BatchCertificateRecord[], outputSizeBytes: number): void {
    const { orderId } = plan.order;
    const atMs = plan.nowMs();
    connection.write('commitBlock', { orderId }, () => {
      const { next: block } = blockNumberRow.parse(
        connection.get('SELECT coalesce(max(block_number), 0) + 1 AS next FROM batch_block'),
      );
      const hash = createHash('sha256');
      for (const { certificateSha256 } of made) hash.update(certificateSha256);
      const digest = hash.digest('hex');
      connection.run('INSERT INTO batch_block VALUES (@block, @orderId, @certificates, @digest, @atMs)', {
        block,
        orderId,
        certificates: made.length,
        digest,
        atMs,
      });
      for (const one of made) insertCredential(plan, block, atMs, one);
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
      for (const { deviceSerial, certificateSerial: serial } of reserved) {
        const changed = connection.run(
          `UPDATE batch_reservation SET certificate_serial = NULL
           WHERE order_id = @orderId AND device_serial = @deviceSerial AND certificate_serial = @serial`,
          { orderId, deviceSerial, serial },
        );
        if (changed !== 1) throw new StationError('record_refused', { deviceSerial, reason: 'not-reserved' });
      }
      issuingCas.add(plan.issuingCa, -reserved.length);
      const certificateSerials = reserved.map((one) => one.certificateSerial);
      const details = { orderId, reason, certificateSerials };
      audit.record({ act: 'batch-reservations-voided', actor: actor(), atMs: plan.nowMs(), details });
    });
  }

  return {
    /**
     * Begins or continues the batch of an order. Throws `batch_changed` when it began with another profile, CA or
     * numbering, `order_complete`, `issuing_quota_reached`, `issuing_ca_ended`. One process at a time: hold the lock.
     */
    open(plan: BatchPlan) {
      begin(plan);
      const { orderId } = plan.order;
      return {
        state() {
          const { issued, output_size_bytes: outputSizeBytes } = batchOf(orderId);
          const reserved = reservations(orderId).flatMap((one) =>
            one.certificate_serial === undefined
              ? []
              : [
                  {
                    deviceSerial: one.device_serial,
                    certificateSerial: one.certificate_serial,
                    values: plan.values,
                  },
                ],
          );
          return { issuedCount: issued, outputSizeBytes, reserved };
        },
        reserve: (count: number) => reserve(plan, count),
        commit: (made: readonly BatchCertificateRecord[], outputSizeBytes: number) =>
          commit(plan, made, outputSizeBytes),
        void: (reserved: readonly ReservedBatchDevice[], reason: string) => giveUp(plan, reserved, reason),
      };
    },
  };
}
