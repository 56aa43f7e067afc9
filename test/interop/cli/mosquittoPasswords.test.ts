// What a device was given opens a real broker: mosquitto over TLS, which demands a certificate, a username and a password. The
// device's own memory is all that the client has.

import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPem } from '../../../core/der/pem.ts';
import { ok as succeeded } from '../../support/cliExpect.ts';
import { provisionWithCli, type StoredDevice, stationOfTests } from '../../support/cliStation.ts';
import { answerTo, connectPacket } from '../../support/mqtt.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { freePort, type RunningServer, startServer } from '../../support/server.ts';

const ACCEPTED = 0;
const NOT_AUTHORISED = 5;

const files = temporaryFolder();
const servers: RunningServer[] = [];
const { world, station } = stationOfTests();
let device: StoredDevice;

const ok = (...args: readonly string[]) => succeeded(args, station);

const provision = () =>
  provisionWithCli(station, device.path, 'SN-1', {
    more: ['--target', 'micropython', '--credential', 'certificate-and-password', '--replace'],
  });

/** The files on the board, as its own program would read them. */
function board(): Readonly<Record<'ca' | 'cert' | 'key' | 'username' | 'password', Buffer>> {
  const { kept } = JSON.parse(readFileSync(device.statePath, 'utf8')) as { kept: Record<string, string> };
  const file = (name: string): Buffer => Buffer.from(kept[name] ?? '', 'base64');
  return {
    ca: file('/ca.der'),
    cert: file('/cert.der'),
    key: file('/key.der'),
    username: file('/username'),
    password: file('/password'),
  };
}

/** A broker that has the password file of this moment. */
async function broker(name: string): Promise<number> {
  const port = await freePort();
  const passwords = join(files.folder, `${name}.passwd`);
  await ok('password', 'export', '--format', 'mosquitto', '--out', passwords);
  // Started as root the broker becomes another user, who must be able to read it.
  chmodSync(passwords, 0o644);
  const configuration = files.write(
    `${name}.conf`,
    [
      'persistence false',
      `listener ${port} 127.0.0.1`,
      `certfile ${join(files.folder, 'edge', 'server.pem')}`,
      `keyfile ${join(files.folder, 'edge', 'server.key.pem')}`,
      `cafile ${join(files.folder, 'trust', 'device-cas.pem')}`,
      'require_certificate true',
      'allow_anonymous false',
      `password_file ${passwords}`,
      '',
    ].join('\n'),
  );
  servers.push(await startServer('/usr/sbin/mosquitto', ['-c', configuration], port));
  return port;
}

/** Connects with what is on the board, and a password in place of its own where one is given. */
function connectAs(
  held: ReturnType<typeof board>,
  port: number,
  password = held.password,
): Promise<number | undefined> {
  const socket = connect({
    ...{ host: '127.0.0.1', port, servername: 'localhost' },
    ca: toPem('CERTIFICATE', held.ca),
    cert: toPem('CERTIFICATE', held.cert),
    key: toPem('EC PRIVATE KEY', held.key),
  });
  return answerTo(socket, connectPacket(held.username.toString(), password.toString()), 'secureConnect');
}

describe.skipIf(!hasTool('/usr/sbin/mosquitto', '-h'))('mosquitto with certificate and password', () => {
  beforeAll(async () => {
    device = await world.familyDevice(station, 'micropython');
    chmodSync(files.folder, 0o755);
    for (const name of ['edge', 'trust']) mkdirSync(join(files.folder, name));
    await ok('issue', 'server', '--name', 'localhost', '--out', join(files.folder, 'edge'));
    await ok('trust', 'export', '--for', 'mosquitto', '--out', join(files.folder, 'trust'));
    for (const path of ['edge', 'trust', 'edge/server.key.pem', 'edge/server.pem'])
      chmodSync(join(files.folder, path), 0o755);
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    files.remove();
  });

  it('lets the device in with what its run gave it, until it is replaced or revoked', async () => {
    expect((await provision()).code).toBe(0);
    const first = board();
    const port = await broker('first');
    expect(await connectAs(first, port)).toBe(ACCEPTED);
    expect(await connectAs(first, port, Buffer.from('not-its-password'))).toBe(NOT_AUTHORISED);

    expect((await provision()).code).toBe(0);
    const second = board();
    const replaced = await broker('replaced');
    expect(await connectAs(second, replaced)).toBe(ACCEPTED);
    expect(await connectAs(second, replaced, first.password)).toBe(NOT_AUTHORISED);

    await ok('revoke', 'SN-1', '--yes');
    expect(await connectAs(second, await broker('revoked'))).toBe(NOT_AUTHORISED);
  });
});
