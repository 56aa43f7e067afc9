// Devices with username and password through the command line: ordered, refused, renewed, revoked.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refused as refusedWith, ok as succeeded } from '../../support/cliExpect.ts';
import { cli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';

const { station } = stationOfTests();
const ok = (...args: readonly string[]) => succeeded(args, station);
const refused = (code: string, ...args: readonly string[]) => refusedWith(args, station, code);

/** Who a broker would let in, by EMQX's file. */
async function users(
  ...more: readonly string[]
): Promise<ReadonlyMap<string, readonly [hash: string, salt: string]>> {
  const out = join(station.beside, 'emqx.csv');
  await ok('password', 'export', '--format', 'emqx', '--out', out, ...more);
  const rows = readFileSync(out, 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(
    rows.map((row) => row.split(',')).map(([user = '', hash = '', salt = '']) => [user, [hash, salt]]),
  );
}

test('an order says what its devices get, and only where they can hold it', async () => {
  const both = ['--credential', 'certificate-and-password'];
  const made = await ok(
    'order',
    'create',
    'WO-1',
    '--quantity',
    '2',
    '--target',
    'files',
    ...both,
    '--password-length',
    '24',
  );
  expect(made.line('order-created')).toMatchObject({
    passwordPolicy: { alphabet: 'unambiguous', length: 24 },
  });
  expect((await cli(['order', 'show', 'WO-1'], { data: station.data, json: false })).stdout).toContain(
    'Each device also gets a password: 24 characters (unambiguous), 132 bits of entropy',
  );
  const none = await refused(
    'password_not_offered',
    'order',
    'create',
    'WO-2',
    '--quantity',
    '2',
    '--target',
    'quectel',
    ...both,
  );
  expect(none.line('error').what).toBe(
    'Passwords cannot be given here: the target quectel has no place for a username and a password.',
  );
  await refused(
    'value_invalid',
    'order',
    'create',
    'WO-2',
    '--quantity',
    '2',
    '--target',
    'files',
    ...both,
    '--password-length',
    '5',
  );
  await refused(
    'usage',
    'order',
    'create',
    'WO-2',
    '--quantity',
    '2',
    '--target',
    'files',
    '--password-length',
    '24',
  );
  await refused(
    'password_not_offered',
    'provision',
    '--port',
    '/dev/null',
    '--serial',
    'SN-1',
    '--target',
    'nrf91',
    ...both,
  );
  await refused(
    'password_not_offered',
    'batch',
    'issue',
    '--order',
    'WO-1',
    '--prefix',
    'X',
    '--out',
    join(station.beside, 'b'),
  );
  const labels = await refused('value_invalid', 'password', 'make', '--order', 'WO-1', 'SN-1');
  expect(labels.line('error').what).toContain('its runs give each device its password');
  await refused('order_unknown', 'order', 'show', 'WO-2');
});

test('its runs give them, renewal keeps them, revocation withdraws them', async () => {
  const folder = join(station.beside, 'out');
  const device = ['--device', `${folder}=SN-1`, '--key-on-disk'];
  await ok('run', 'WO-1', ...device);
  const password = readFileSync(join(folder, 'SN-1', 'password.txt'), 'utf8');
  expect(password).toHaveLength(24);
  const [hash, salt = ''] = (await users('--order', 'WO-1')).get('SN-1') ?? [];
  expect(createHash('sha256').update(password).update(salt).digest('hex')).toBe(hash);

  expect((await ok('inventory', 'show', 'SN-1')).line('device').password).toBe('device');

  await ok('renew', 'SN-1', '--out', join(station.beside, 'renewed'));
  expect((await users()).get('SN-1')).toEqual([hash, salt]);
  await refused('password_taken', 'password', 'make', 'SN-1');
  await ok('revoke', 'SN-1', '--yes');
  expect([...(await users()).keys()]).toEqual([]);
  // A dead credential's password is nobody's: a label may have the name.
  await ok('password', 'make', 'SN-1');
  expect([...(await users()).keys()]).toEqual(['SN-1']);
});
