// The fake station refuses what the station refuses, with the same code: the window is tried against the one and used with the other.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeStation } from '../../../core/contract/fake/fakeStation.ts';
import type { Input, MethodName } from '../../../core/contract/methods.ts';
import { connectStation, type StationClient } from '../../../core/contract/rpc/client.ts';
import { serveStation } from '../../../core/contract/rpc/host.ts';
import { wirePair } from '../../../core/contract/rpc/wire.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, PASSPHRASE } from './house.ts';

const shipped = join(import.meta.dirname, '..', '..', '..', 'resources', 'targets');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let folder: ReturnType<typeof openFolder>;
let real: Opened;
beforeAll(async () => {
  folder = openFolder();
  real = openApplication(folder.root);
  await real.client.call('session.createStation', NEW_STATION);
  await real.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
  const files = readFileSync(join(shipped, 'files.json'), 'utf8');
  const pkcs12 = files.replace('"files"', '"p12"').replace('["pem"]', '["pem", "pkcs12"]');
  await real.client.call('targets.import', { file: base64(pkcs12) });
});
afterAll(async () => {
  await real.close();
  folder.remove();
});

interface Names {
  readonly port: string;
  readonly profileName: string;
  readonly pkcs12: string;
  readonly passphrase: string;
  readonly out: string;
  /** Of the station; the fake takes any but a wrong one. */
  readonly rightPassphrase: string;
}

/** What was asked, and the code of its refusal. */
async function refusals(client: StationClient, names: Names): Promise<Readonly<Record<string, string>>> {
  const { port: targetName, profileName, pkcs12, passphrase, out, rightPassphrase } = names;
  const found: Record<string, string> = {};
  const refused = async <M extends MethodName>(what: string, method: M, input: Input<M>): Promise<void> => {
    const thrown = await client.call(method, input).then(
      () => undefined,
      (error: { code: string; details: { reason?: string; field?: string } }) => error,
    );
    const { reason = '', field = '' } = thrown?.details ?? {};
    found[what] = thrown === undefined ? 'done' : [thrown.code, field, reason].join(' ').trim();
  };
  const asked = { name: 'R-1', targetName, profileName };
  const create = (what: string, change: Partial<Input<'orders.create'>>): Promise<void> =>
    refused(what, 'orders.create', { ...asked, quantity: 2, ...change });

  await create('a name with *', { name: 'R*' });
  await create('no such target', { targetName: 'nothing' });
  await create('files started anew', { targetName: pkcs12, checkReboot: true });
  await create('a seal where there is none', { sealConfirmedFor: 'R-1' });
  await create('no quantity', { quantity: undefined });
  await create('an empty list', { serialsFile: base64('serial\n') });
  await create('a list with a fault', { serialsFile: base64('A1\nA1\n') });
  await create('no place for a password', { passwordPolicy: { alphabet: 'unambiguous', length: 20 } });
  await create('a weak password', { passwordPolicy: { alphabet: 'digits', length: 8 } });
  const { orderId } = await client.call('orders.create', { ...asked, quantity: 2 });
  await create('a name twice', {});
  await create('the name in small letters', { name: 'r-1' });

  const nothing = { orderId: 'order-00000000' };
  await refused('select nothing', 'orders.select', nothing);
  await refused('report nothing', 'orders.report', nothing);
  await refused('close nothing', 'orders.close', nothing);
  await refused('no folder of nothing', 'folder.get', nothing);
  await refused('nothing to a folder', 'folder.start', { ...nothing, folder: out });
  await refused('a port to a folder', 'folder.start', { orderId, folder: out });

  await refused('no batch of nothing', 'batch.get', nothing);
  await refused('a batch of nothing', 'batch.start', nothing);

  const files = await client.call('orders.create', {
    ...asked,
    name: 'F-1',
    targetName: pkcs12,
    quantity: 50,
  });
  const work = { orderId: files.orderId, folder: out, passphrase, numbering: { prefix: 'F-', digits: 4 } };
  await refused('files before the bays', 'orders.select', { orderId: files.orderId });
  await refused('a relative folder', 'folder.start', { ...work, folder: 'stick' });
  await refused('no passphrase', 'folder.start', { ...work, passphrase: undefined });
  await refused('no numbering', 'folder.start', { ...work, numbering: undefined });
  await client.call('folder.start', work);
  await refused('twice at once', 'folder.start', work);
  await refused('a batch beside it', 'batch.start', { orderId, numbering: work.numbering });
  await refused('closed at work', 'orders.close', { orderId: files.orderId });
  const ended = new Promise<void>((resolve) => {
    client.on('folder.changed', ({ state }) => {
      if (state === 'stopped' || state === 'full') resolve();
    });
  });
  await client.call('folder.stop', {});
  await ended;

  const { order: closed } = await client.call('orders.close', { orderId: files.orderId });
  const { order: closedAgain } = await client.call('orders.close', { orderId: files.orderId });
  expect(closedAgain.closedAtMs).toBe(closed.closedAtMs);
  await refused('closed to a folder', 'folder.start', work);
  await client.call('orders.close', { orderId });
  await refused('closed as a batch', 'batch.start', { orderId, numbering: work.numbering });
  await refused('closed before the bays', 'orders.select', { orderId });
  await refused('a letter for a list', 'crl.install', { file: base64('a letter') });
  const letter = base64('a letter');
  await refused('a request by a wrong passphrase', 'authority.request', { passphrase: 'wrong' });
  const matter = { vendorId: 'fff1' };
  const rollOver = { passphrase: rightPassphrase, profileName: 'matter-dac', matter };
  await refused('a roll-over for no profile', 'authority.rollOver', { ...rollOver, profileName: 'none' });
  await refused('a roll-over to a vendor in small letters', 'authority.rollOver', rollOver);
  await refused('a roll-over to a PAI for everything', 'authority.rollOver', {
    ...{ passphrase: rightPassphrase, matter: { vendorId: 'FFF1' } },
  });
  await refused('a request for a vendor in small letters', 'authority.request', {
    ...{ passphrase: rightPassphrase, matter },
  });
  await refused('an import by a wrong passphrase', 'authority.import', {
    files: [letter],
    passphrase: 'wrong',
  });
  await refused('a chain that nobody asked for', 'authority.install', {
    ...{ label: '7', file: letter, passphrase: 'wrong' },
  });
  const issued = { deviceSerial: 'R-1', profileName, targetName };
  await refused('a letter for a CSR', 'issue.request', { ...issued, request: letter });
  const host = { deviceSerial: 'R-1', fileName: 'a.pub', names: ['a.example'], validityDays: 30, hosts: '*' };
  await refused('a letter for a host key', 'issue.sshHost', { ...host, publicKey: base64('letter') });
  await client.call('authority.lock', {});
  await refused('while locked', 'folder.start', work);
  return found;
}

describe('the fake station', () => {
  it('refuses orders, folders and what is brought to its authority as the station does', async () => {
    const fake = fakeStation({ speed: 40 });
    const [stationEnd, windowEnd] = wirePair();
    const log: string[] = [];
    serveStation(stationEnd, fake.service, (entry) => log.push(`${entry.method}: ${entry.reason}`));
    const client = connectStation(windowEnd, (reason) => log.push(reason));
    const out = join(folder.root, 'stick');
    const common = { passphrase: 'only for these files', out, rightPassphrase: PASSPHRASE };
    const byTheFake = await refusals(client, {
      ...{ port: 'nrf7002dk', profileName: 'iot-client', pkcs12: 'files', ...common },
    });
    const byTheStation = await refusals(real.client, {
      ...{ port: 'zephyr-shell', profileName: 'tls-client', pkcs12: 'p12', ...common },
    });
    expect(byTheFake).toEqual(byTheStation);
    expect(Object.entries(byTheStation).filter(([, code]) => code === 'done')).toEqual([]);
    expect(log).toEqual([]);
  });
});
