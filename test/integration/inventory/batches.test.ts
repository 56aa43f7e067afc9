// Batches in the inventory: what is intended before it is signed, and what stands when a block is committed.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateSerial } from '../../../core/domain/certificateSerial.ts';
import type { CredentialId, OrderId } from '../../../core/domain/ids.ts';
import type { ReservedBatchDevice } from '../../../core/inventory/stores/batchStore.ts';
import { CA, KEY_EXTENSION, madeFor, openBatch } from './batchWorld.ts';
import { force, query, refusedBySchema } from './raw.ts';
import {
  bringTo,
  certificateSerialOf,
  createOrder,
  createWorld,
  provision,
  refusal,
  serial,
  T0,
  type World,
} from './world.ts';

let world: World;
let order: OrderId;
beforeEach(() => {
  world = createWorld();
  order = createOrder(world.inventory, 'WO-1', { quantity: 10, targetName: 'zephyr-shell' });
});
afterEach(() => world.remove());

const open = (changes: Parameters<typeof openBatch>[3] = {}) =>
  openBatch(world.inventory, order, 10, changes);
const names = (devices: readonly { readonly deviceSerial: string }[]) =>
  devices.map((one) => one.deviceSerial);
const used = () => world.inventory.issuingCas()[0]?.used;

describe('a block of a batch', () => {
  it('is found everywhere like the devices of a run', () => {
    const batch = open();
    const reserved = batch.reserve(3);
    expect(names(reserved)).toEqual(['B-001', 'B-002', 'B-003']);
    expect(reserved[0]?.values).toEqual({ site: 'plant' });
    const made = reserved.map((one) => madeFor(one));
    batch.commit(made, 300);

    const { inventory } = world;
    const [first] = made;
    if (first === undefined) throw new Error('unreachable');
    const record = inventory.deviceRecord(serial('B-001'));
    expect(record?.device).toMatchObject({ targetName: 'zephyr-shell', firstSeenAtMs: T0 + 100 });
    expect(record?.credentials).toHaveLength(1);
    const [credential] = record?.credentials ?? [];
    expect(credential).toMatchObject({
      holder: { kind: 'device', deviceSerial: 'B-001' },
      state: 'issued',
      certificateSerial: first.certificateSerial,
      certificateSha256: first.certificateSha256,
      publicKeySha256: first.publicKeySha256,
      profileName: 'tls-client',
      profileVersion: 2,
      custody: 'file',
      notBeforeMs: T0,
      notAfterMs: T0 + 1e9,
      reservedAtMs: T0 + 100,
      runId: undefined,
      toBeSigned: undefined,
    });
    expect(credential?.certificateDer).toEqual(first.certificateDer);
    expect(inventory.credential(credential?.credentialId as CredentialId)).toEqual(credential);
    expect(inventory.liveCredential(serial('B-001'))).toEqual(credential);
    expect(inventory.credentialWithSerial(first.certificateSerial)).toEqual(credential);
    for (const text of ['B-001', 'b-00', first.certificateSerial.slice(0, 20)]) {
      expect(names(inventory.listDevices({ text }).items.map((one) => one.device))).toContain('B-001');
    }
    expect(inventory.listDevices({ state: 'issued' }).items).toHaveLength(3);
    const sorted = { sort: 'expiry', descending: true, offset: 0, limit: 2 } as const;
    expect(inventory.devicePage({ ...sorted, states: ['issued'] })).toMatchObject({ total: 3 });
    expect([...inventory.exportRows()]).toHaveLength(3);
    expect([...inventory.issuedDevices(order)].map((one) => one.certificateDer)).toEqual(
      made.map((one) => one.certificateDer),
    );
    expect(inventory.counts()).toMatchObject({
      devicesByState: { issued: 3 },
      credentialsByState: { issued: 3 },
    });
    expect(inventory.newestIssuedAtMs()).toBe(T0 + 100);
    expect(inventory.unfinishedCredentials()).toEqual([]);
    expect(batch.state()).toEqual({ issuedCount: 3, outputSizeBytes: 300, reserved: [] });
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);

    inventory.revoke(credential?.credentialId as CredentialId, 'keyCompromise', 'lost', T0 + 900);
    expect([...inventory.revokedOf(KEY_EXTENSION)]).toEqual([
      { certificateSerial: first.certificateSerial, revokedAtMs: T0 + 900, reason: 'keyCompromise' },
    ]);
    expect([...inventory.revokedOf(new TextEncoder().encode('key identifier of another'))]).toEqual([]);
    expect(inventory.listDevices({ state: 'revoked' }).items).toHaveLength(1);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('gives a device that a run has seen its credential, and keeps what was known of it', () => {
    provision(world.inventory, 'a', 'B-001', { hardwareId: 'HW1', outcome: 'fail' });
    const batch = open();
    batch.commit(
      batch.reserve(1).map((one) => madeFor(one)),
      1,
    );
    const [summary] = world.inventory.listDevices({ text: 'HW1' }).items;
    expect(summary?.device).toMatchObject({ deviceSerial: 'B-001', hardwareId: 'HW1', targetName: 'esp32' });
    expect(summary?.credential?.state).toBe('issued');
    expect(world.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('may hold certificates of different validity, as a resumed batch does', () => {
    const batch = open();
    const made = batch
      .reserve(4)
      .map((one, index) => madeFor(one, index % 2 === 0 ? {} : { notAfterMs: T0 + 2e9 }));
    batch.commit(made, 1);
    const ids = new Set<string>();
    for (const one of made) {
      const found = world.inventory.liveCredential(one.deviceSerial);
      expect(found?.certificateDer).toEqual(one.certificateDer);
      expect(found?.notAfterMs).toBe(one.notAfterMs);
      ids.add(found?.credentialId ?? '');
    }
    expect(ids.size).toBe(4);
    expect(world.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('holds certificates of any size, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 900 }), { minLength: 1, maxLength: 6 }),
        (all) => {
          const small = createWorld();
          try {
            const quantity = all.length;
            const batch = openBatch(
              small.inventory,
              createOrder(small.inventory, 'WO', { quantity }),
              quantity,
            );
            const made = batch
              .reserve(quantity)
              .map((one, index) => madeFor(one, { certificateDer: all[index] ?? Uint8Array.of() }));
            batch.commit(made, 1);
            for (const one of made) {
              expect(small.inventory.liveCredential(one.deviceSerial)?.certificateDer).toEqual(
                one.certificateDer,
              );
            }
          } finally {
            small.remove();
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it.each<[string, (reserved: readonly ReservedBatchDevice[]) => readonly ReturnType<typeof madeFor>[]]>([
    [
      'a device that was not reserved',
      ([one]) => (one ? [madeFor({ ...one, deviceSerial: serial('B-009') })] : []),
    ],
    [
      'another certificate serial than the reserved one',
      ([one]) => (one ? [madeFor({ ...one, certificateSerial: certificateSerialOf('x') })] : []),
    ],
    ['a device twice', ([one]) => (one ? [madeFor(one), madeFor(one)] : [])],
    [
      'a digest that is none',
      ([one]) => (one ? [madeFor(one, { certificateSha256: 'x'.repeat(64) as never })] : []),
    ],
    ['a short digest', ([one]) => (one ? [madeFor(one, { publicKeySha256: 'ab' as never })] : [])],
    ['an empty certificate', ([one]) => (one ? [madeFor(one, { certificateDer: new Uint8Array() })] : [])],
  ])('with %s is refused as a whole', (_, change) => {
    const batch = open();
    const reserved = batch.reserve(2);
    const good = reserved.slice(1).map((one) => madeFor(one));
    expect(refusal(() => batch.commit([...good, ...change(reserved)], 7))).toBe('record_refused');
    expect(batch.state()).toEqual({ issuedCount: 0, outputSizeBytes: 0, reserved });
    expect(world.inventory.counts().devices).toBe(0);
    expect(world.inventory.checkInvariants()).toEqual([]);
  });
});

describe('what a batch intends', () => {
  it('outlives the process, and is committed or given up by the next one', () => {
    const reserved = open().reserve(4);
    const again = openBatch(world.reopen(), order, 10);
    expect(again.state().reserved).toEqual(reserved);
    again.commit(
      reserved.slice(0, 1).map((one) => madeFor(one)),
      10,
    );
    again.void(reserved.slice(1, 3), 'batch-interrupted');
    expect(again.state().reserved).toEqual(reserved.slice(3));
    expect(used()).toBe(2);
    const next = again.reserve(3);
    expect(names(next)).toEqual(['B-002', 'B-003', 'B-005']);
    const all = [...reserved, ...next].map((one) => one.certificateSerial);
    expect(new Set(all).size).toBe(all.length);
    const { details } =
      world.inventory.auditEntries().find((one) => one.act === 'batch-reservations-voided') ?? {};
    expect(JSON.parse(details ?? '{}').certificateSerials).toEqual(
      reserved.slice(1, 3).map((one) => one.certificateSerial),
    );
  });

  it('is one row, however many devices it is for', () => {
    open().reserve(10);
    world.inventory.close();
    expect(query(world.path, 'SELECT devices FROM batch_intent')).toEqual([{ devices: 10 }]);
  });

  it('never exceeds the order, the count that was asked for, or the quota', () => {
    const limited = open({ count: 4 });
    expect(limited.reserve(100)).toHaveLength(4);
    expect(limited.reserve(1)).toEqual([]);
    const whole = open();
    world.inventory.limitIssuingCa(CA, { quota: 6, endsAtMs: undefined }, T0);
    expect(whole.reserve(100)).toHaveLength(2);
    expect(refusal(() => whole.reserve(1))).toBe('issuing_quota_reached');
    world.inventory.limitIssuingCa(CA, { quota: undefined, endsAtMs: undefined }, T0);
    expect(whole.reserve(100)).toHaveLength(4);
    expect(whole.reserve(1)).toEqual([]);
    expect(used()).toBe(10);
  });

  it('passes over devices that hold a live credential, also among those given up', () => {
    provision(world.inventory, 'a', 'B-002');
    const batch = open();
    const reserved = batch.reserve(2);
    expect(names(reserved)).toEqual(['B-001', 'B-003']);
    batch.void(reserved, 'batch-interrupted');
    provision(world.inventory, 'b', 'B-003');
    expect(names(batch.reserve(3))).toEqual(['B-001', 'B-004', 'B-005']);
  });

  it('follows the order’s own list to its end', () => {
    const list = ['X-9', 'X-1', 'X-5'].map(serial);
    const listed = createOrder(world.inventory, 'WO-2', { deviceSerials: list });
    expect(refusal(() => openBatch(world.inventory, listed, 3))).toBe('value_invalid');
    const batch = openBatch(world.inventory, listed, 3, { numbering: undefined });
    expect(names(batch.reserve(2))).toEqual(['X-9', 'X-1']);
    expect(names(batch.reserve(2))).toEqual(['X-5']);
    expect(batch.reserve(2)).toEqual([]);
  });

  it('refuses a device known in another spelling before anything is signed for it', () => {
    provision(world.inventory, 'a', 'b-002', { outcome: 'fail' });
    const batch = open();
    expect(refusal(() => batch.reserve(3))).toBe('device_serial_case_conflict');
    expect(batch.state().reserved).toEqual([]);
    expect(used()).toBe(0);
  });

  it.each([
    ['a certificate that stands', (count: number) => [certificateSerialOf('s'), ...other(count - 1)]],
    ['its neighbour', (count: number) => Array.from({ length: count }, () => certificateSerialOf('n'))],
  ])('refuses a certificate serial of %s', (_, newCertificateSerials) => {
    bringTo(world.inventory, 's', { kind: 'edge-server', serverName: 'edge' }, 'reserved');
    const batch = open({ newCertificateSerials });
    expect(refusal(() => batch.reserve(3))).toBe('record_refused');
    expect(batch.state().reserved).toEqual([]);
    expect(used()).toBe(0);
  });
  const other = (count: number): CertificateSerial[] =>
    Array.from({ length: count }, (_, index) => certificateSerialOf(`other ${index}`));

  it('is the same in every order of reserving, committing, giving up and restarting', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('reserve' as const), count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('void' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('restart' as const), count: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        const one = createWorld();
        try {
          const id = createOrder(one.inventory, 'WO', { quantity: 12 });
          let batch = openBatch(one.inventory, id, 12);
          const drawn = new Set<string>();
          let issued = 0;
          for (const { kind, count } of steps) {
            const pending = batch.state().reserved;
            if (kind === 'restart') batch = openBatch(one.reopen(), id, 12);
            else if (kind === 'reserve') {
              for (const { certificateSerial } of batch.reserve(count)) {
                expect(drawn.has(certificateSerial)).toBe(false);
                drawn.add(certificateSerial);
              }
            } else if (pending.length > 0 && kind === 'commit') {
              const chosen = pending.slice(-count);
              batch.commit(
                chosen.map((device) => madeFor(device)),
                1,
              );
              issued += chosen.length;
            } else if (pending.length > 0) batch.void(pending.slice(0, count), 'test');
            expect(batch.state().issuedCount).toBe(issued);
          }
          const rest = [...batch.state().reserved, ...batch.reserve(12)];
          // The steps may have issued every one of them.
          if (rest.length > 0)
            batch.commit(
              rest.map((device) => madeFor(device)),
              1,
            );
          expect(batch.reserve(1)).toEqual([]);
          expect(names([...one.inventory.issuedDevices(id)]).sort()).toEqual(
            Array.from({ length: 12 }, (_, index) => `B-${String(index + 1).padStart(3, '0')}`),
          );
          expect(one.inventory.issuingCas()[0]?.used).toBe(12);
          expect(one.inventory.checkInvariants({ settled: true })).toEqual([]);
        } finally {
          one.remove();
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('a batch that began', () => {
  it.each([
    ['another profile', { profileName: 'other' }],
    ['another version of its profile', { profileVersion: 3 }],
    ['another numbering', { numbering: { prefix: 'C-', digits: 3 } }],
    ['other digits', { numbering: { prefix: 'B-', digits: 4 } }],
  ])('is not continued with %s, unless it made nothing yet', (_, changes) => {
    open();
    open(changes);
    open().reserve(1);
    expect(refusal(() => open(changes))).toBe('batch_changed');
  });

  it('is not continued under another CA', () => {
    open().reserve(1);
    const other = certificateSerialOf('ca 2').padEnd(64, '0') as typeof CA;
    world.inventory.registerIssuingCa(other, new TextEncoder().encode('key identifier of another'));
    expect(refusal(() => world.inventory.openBatch({ ...planWith(other) }))).toBe('batch_changed');
  });
  const planWith = (issuingCa: typeof CA) => ({
    ...{ order: { orderId: order, targetName: 'zephyr-shell', quantity: 10 }, count: 10, issuingCa },
    ...{ numbering: undefined, profileName: 'tls-client', profileVersion: 2, values: {} },
    newCertificateSerials: () => [],
    newCredentialId: () => 'credential-z' as CredentialId,
    nowMs: () => T0,
  });

  it('is not begun for an order that is closed', () => {
    world.inventory.closeOrder(order, T0);
    expect(refusal(() => open())).toBe('order_complete');
  });
});

describe('below all code', () => {
  function filled(): void {
    const batch = open();
    batch.commit(
      batch.reserve(2).map((one) => madeFor(one)),
      2,
    );
    batch.reserve(1);
    world.inventory.close();
  }
  const LIVE = "(SELECT credential_number FROM credential WHERE device_serial = 'B-001')";

  it.each([
    ['another intent', 'UPDATE batch_intent SET device_serials = \'["B-007"]\'', 'batch-intent-is-fixed'],
    [
      'an intent with a serial too few',
      'INSERT INTO batch_intent (order_id, devices, device_serials, certificate_serials) SELECT order_id, 2, \'["A","B"]\', \'["4"]\' FROM batch',
      'CHECK',
    ],
    [
      'an intent of no batch',
      "INSERT INTO batch_intent (order_id, devices, device_serials) VALUES ('order-404', 1, '[\"A\"]')",
      'FOREIGN KEY',
    ],
    [
      'another block',
      `UPDATE credential SET batch_block = NULL WHERE credential_number = ${LIVE}`,
      'credential-facts-are-fixed',
    ],
    [
      'another certificate',
      `UPDATE credential SET certificate_der = x'30' WHERE credential_number = ${LIVE}`,
      'credential-facts-are-fixed',
    ],
    [
      'content added to what was signed',
      `UPDATE credential SET to_be_signed = x'30' WHERE credential_number = ${LIVE}`,
      'credential-facts-are-fixed',
    ],
    [
      'a credential of a block that is none',
      "INSERT INTO credential SELECT NULL, 'credential-y', run_id, holder_kind, 'B-001', NULL, '4' || substr(certificate_serial, 2, 38) || '0', 'issued', profile_name, profile_version, custody, public_key_sha256, NULL, 1, 2, certificate_der, certificate_sha256, NULL, NULL, NULL, 1, 1, 404 FROM credential LIMIT 1",
      'constraint failed',
    ],
    [
      'a credential of a block that begins as reserved',
      "INSERT INTO credential (credential_id, holder_kind, device_serial, certificate_serial, state, profile_name, profile_version, reserved_at_ms, changed_at_ms, batch_block) SELECT 'credential-y', 'device', 'B-001', '4' || substr(certificate_serial, 2), 'reserved', 'p', 1, 1, 1, 1 FROM credential LIMIT 1",
      'credential-state-order',
    ],
    ['deletion of a block', 'DELETE FROM batch_block', 'batch-block-is-kept'],
  ])('%s is refused', (_, sql, expected) => {
    filled();
    expect(refusedBySchema(world.path, sql)).toContain(expected);
  });

  it.each<[string, string, string]>([
    [
      'a block that lost a credential',
      `DELETE FROM credential WHERE credential_number = ${LIVE}`,
      'batch-count-differs',
    ],
    ['a count that nothing made', 'UPDATE batch SET issued = issued + 1', 'batch-count-differs'],
    [
      'an intent for what is issued',
      'UPDATE batch_intent SET certificate_serials = (SELECT json_array(certificate_serial) FROM credential LIMIT 1)',
      'certificate-serial-twice',
    ],
    [
      'a state that no step led to',
      `UPDATE credential SET state = 'revoked', reason = 'x' WHERE credential_number = ${LIVE}`,
      'state-without-steps',
    ],
    [
      'a certificate that was changed',
      `UPDATE credential SET certificate_der = x'3000' WHERE credential_number = ${LIVE}`,
      'certificate-differs',
    ],
  ])('%s is found', (_, sql, kind) => {
    filled();
    force(world.path, sql);
    expect(
      world
        .reopen()
        .checkInvariants()
        .map((one) => one.kind),
    ).toContain(kind);
  });
});
