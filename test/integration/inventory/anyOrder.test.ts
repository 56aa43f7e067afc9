// Any operations in any order: each is done or refused by name, and what must always be true stays true.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CredentialId } from '../../../core/domain/ids.ts';
import { type Outcome, PHASES } from '../../../core/domain/run.ts';
import type { Inventory } from '../../../core/inventory/inventory.ts';
import { CREDENTIAL_STATES } from '../../../core/inventory/rows/credentialRow.ts';
import {
  certificateOf,
  certificateSerialOf,
  createOrder,
  createWorld,
  credentialIdOf,
  identify,
  openRun,
  orderIdOf,
  refusal,
  runIdOf,
  serial,
  sha256,
  T0,
  toBeSignedOf,
} from './world.ts';

// Few names, so that operations meet.
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const deviceSerial = fc.constantFrom('SN-1', 'SN-2', 'sn-1', 'SN-3');
const outcome = fc.constantFrom<Outcome>('pass', 'pass', 'fail', 'error', 'timeout', 'aborted');
const phase = fc.constantFrom(...PHASES);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

type Operation = (inventory: Inventory) => void;
const onCredential = (act: (inventory: Inventory, id: CredentialId, name: string) => void) =>
  name.map(
    (n): Operation =>
      (inventory) =>
        act(inventory, credentialIdOf(n), n),
  );

const reached = new Set<string>();

/** The step that is due for a credential, so that sequences reach the later states often. */
const stepThatIsDue = onCredential((inventory, id, n) => {
  const found = inventory.credential(id);
  if (found !== undefined) reached.add(found.state);
  switch (found?.state) {
    case 'reserved':
      if (found.publicKeySha256 === undefined) {
        return inventory.recordKey(id, { publicKeySha256: sha256(n), custody: 'on-device', atMs: T0 });
      }
      return inventory.recordPrepared(id, {
        toBeSigned: toBeSignedOf(n),
        notBeforeMs: 1,
        notAfterMs: 2,
        atMs: T0,
      });
    case 'prepared': {
      const { holder } = found;
      const live = holder.kind === 'device' ? inventory.liveCredential(holder.deviceSerial) : undefined;
      return inventory.recordIssued(id, {
        ...certificateOf(toBeSignedOf(n)),
        atMs: T0,
        supersedes: live?.credentialId,
      });
    }
    case 'issued':
      if (found.storedDigests === undefined) return inventory.recordInstallIntent(id, { ca: sha256(n) }, T0);
      return inventory.recordInstalled(id, T0);
    case 'installed':
      return inventory.recordVerified(id, T0);
    case 'verified':
      return inventory.recordSealed(id, T0);
    default:
      return undefined;
  }
});

const openAndIdentify = fc.tuple(fc.integer({ min: 0, max: 30 }), deviceSerial, maybe(name)).map(
  ([n, device, order]): Operation =>
    (inventory) => {
      const run = openRun(
        inventory,
        String(n),
        device,
        order === undefined ? {} : { orderId: orderIdOf(order) },
      );
      identify(inventory, run);
    },
);

const closeAnyRun = outcome.map(
  (result): Operation =>
    (inventory) => {
      for (const run of inventory.openRuns().slice(0, 1))
        inventory.closeRun(run.runId, { outcome: result, atMs: T0 });
    },
);

const reserveForSeenDevice = fc.tuple(fc.integer({ min: 0, max: 99 }), name).map(
  ([pick, n]): Operation =>
    (inventory) => {
      const { items } = inventory.listDevices();
      const device = items[pick % Math.max(1, items.length)]?.device;
      if (device === undefined) return;
      inventory.reserve({
        credentialId: credentialIdOf(n),
        runId: inventory.openRuns().find((run) => run.deviceSerial === device.deviceSerial)?.runId,
        holder: { kind: 'device', deviceSerial: device.deviceSerial },
        certificateSerial: certificateSerialOf(n),
        profileName: 'p',
        profileVersion: 1,
        atMs: T0,
      });
    },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { arbitrary: stepThatIsDue, weight: 14 },
  { arbitrary: openAndIdentify, weight: 3 },
  { arbitrary: closeAnyRun, weight: 2 },
  { arbitrary: reserveForSeenDevice, weight: 3 },
  fc.tuple(name, deviceSerial, maybe(name)).map(
    ([n, device, order]): Operation =>
      (inventory) =>
        void openRun(inventory, n, device, order === undefined ? {} : { orderId: orderIdOf(order) }),
  ),
  fc.tuple(name, maybe(fc.constantFrom('HW1', 'HW2'))).map(
    ([n, hardwareId]): Operation =>
      (inventory) =>
        void identify(inventory, runIdOf(n), hardwareId),
  ),
  fc.tuple(name, outcome).map(
    ([n, result]): Operation =>
      (inventory) =>
        inventory.closeRun(runIdOf(n), { outcome: result, atMs: T0 }),
  ),
  fc.tuple(name, phase).map(
    ([n, p]): Operation =>
      (inventory) =>
        inventory.beginPhase(runIdOf(n), p, T0),
  ),
  fc.tuple(name, phase, outcome).map(
    ([n, p, o]): Operation =>
      (inventory) =>
        inventory.endPhase(runIdOf(n), p, T0, o),
  ),
  fc.tuple(name, fc.integer({ min: 1, max: 2 })).map(
    ([n, quantity]): Operation =>
      (inventory) =>
        void createOrder(inventory, n, { quantity }),
  ),
  name.map(
    (n): Operation =>
      (inventory) =>
        inventory.closeOrder(orderIdOf(n), T0),
  ),
  fc.tuple(name, deviceSerial, maybe(name), name).map(
    ([n, device, run, certificate]): Operation =>
      (inventory) =>
        inventory.reserve({
          credentialId: credentialIdOf(n),
          runId: run === undefined ? undefined : runIdOf(run),
          holder: { kind: 'device', deviceSerial: serial(device) },
          certificateSerial: certificateSerialOf(certificate),
          profileName: 'p',
          profileVersion: 1,
          atMs: T0,
        }),
  ),
  onCredential((inventory, id, n) =>
    inventory.recordKey(id, { publicKeySha256: sha256(n), custody: 'station-memory', atMs: T0 }),
  ),
  onCredential((inventory, id, n) =>
    inventory.recordPrepared(id, { toBeSigned: toBeSignedOf(n), notBeforeMs: 1, notAfterMs: 2, atMs: T0 }),
  ),
  fc.tuple(name, maybe(name)).map(
    ([n, old]): Operation =>
      (inventory) =>
        inventory.recordIssued(credentialIdOf(n), {
          ...certificateOf(toBeSignedOf(n)),
          atMs: T0,
          supersedes: old === undefined ? undefined : credentialIdOf(old),
        }),
  ),
  onCredential((inventory, id, n) => inventory.recordInstallIntent(id, { ca: sha256(n) }, T0)),
  onCredential((inventory, id) => inventory.recordInstalled(id, T0)),
  onCredential((inventory, id) => inventory.recordVerified(id, T0)),
  onCredential((inventory, id) => inventory.recordSealed(id, T0)),
  onCredential((inventory, id) => inventory.void(id, 'x', T0)),
  onCredential((inventory, id) => inventory.revoke(id, 'unspecified', 'x', T0)),
  fc.constant<Operation>((inventory) => inventory.append({ act: 'note', actor: 'x', atMs: T0, details: {} })),
);

/** Whatever came before, what is due is done at the end: so the last states are reached whatever the seed. */
const anyOrderThenDue = fc
  .tuple(
    fc.array(operation, { minLength: 40, maxLength: 160, size: 'max' }),
    fc.array(stepThatIsDue, { minLength: 40, maxLength: 40 }),
  )
  .map(([before, due]) => [...before, ...due]);

it('no order of operations breaks what must always be true', () => {
  const codes = new Map<string, number>();
  let done = 0;
  fc.assert(
    fc.property(anyOrderThenDue, (operations) => {
      const world = createWorld();
      try {
        for (const act of operations) {
          const code = refusal(() => act(world.inventory));
          if (code === 'was not refused') done += 1;
          else codes.set(code, (codes.get(code) ?? 0) + 1);
        }
        expect(world.reopen().checkInvariants()).toEqual([]);
        for (const state of Object.keys(world.inventory.counts().credentialsByState)) reached.add(state);
      } finally {
        world.remove();
      }
    }),
    { numRuns: 30 },
  );
  // The sequences went somewhere: much was done, much was refused, and nothing failed in a way nobody foresaw.
  expect(done).toBeGreaterThan(500);
  expect([...reached].sort()).toEqual([...CREDENTIAL_STATES].sort());
  expect([...codes.keys()]).not.toContain('internal');
  expect(codes.size).toBeGreaterThan(5);
});
