// What fault tests listen to: each durable write, before it begins and after it is committed.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JOURNAL_CHANNEL, type JournalMessage } from '../../../core/inventory/database/connection.ts';
import { openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { createOrder, createWorld, provision, refusal, T0, type World } from './world.ts';

let world: World;
let heard: JournalMessage[];
const listen = (message: unknown) => heard.push(message as JournalMessage);
beforeEach(() => {
  world = createWorld();
  heard = [];
  subscribe(JOURNAL_CHANNEL, listen);
});
afterEach(() => {
  unsubscribe(JOURNAL_CHANNEL, listen);
  world.remove();
});

it('announces each write of a run once before and once after, in order', () => {
  provision(world.inventory, 'a', 'SN-1');
  const names = ['openRun', 'recordIdentity', 'reserve', 'recordKey', 'recordPrepared', 'recordIssued'];
  const rest = ['recordInstallIntent', 'recordInstalled', 'recordVerified', 'closeRun'];
  expect(heard.map(({ when, what }) => `${when} ${what}`)).toEqual(
    [...names, ...rest].flatMap((name) => [`before ${name}`, `after ${name}`]),
  );
  expect(heard[0]).toEqual({
    when: 'before',
    what: 'openRun',
    facts: { runId: 'run-a', deviceSerial: 'SN-1' },
  });
});

it('says "after" only of what another process can already read', () => {
  const reader = openInventoryReadOnly(world.path);
  const seen: string[] = [];
  const look = (message: unknown) =>
    seen.push(`${(message as JournalMessage).when} ${reader.orders().length}`);
  subscribe(JOURNAL_CHANNEL, look);
  createOrder(world.inventory, 'WO');
  expect(refusal(() => createOrder(world.inventory, 'WO'))).toBe('order_exists');
  unsubscribe(JOURNAL_CHANNEL, look);
  reader.close();
  expect(seen).toEqual(['before 0', 'after 1', 'before 1']);
});

it('announces no reading', () => {
  world.inventory.listDevices();
  world.inventory.checkInvariants();
  expect(heard).toEqual([]);
  world.inventory.append({ act: 'a', actor: 'b', atMs: T0, details: {} });
  expect(heard.map(({ what }) => what)).toEqual(['append', 'append']);
});
