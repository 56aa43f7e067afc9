import { chmodSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mosquittoLines } from '../../../core/authority/password/passwordExports.ts';
import { passwordVerifiers } from '../../../core/authority/password/passwordHashes.ts';
import { newPassword } from '../../../core/authority/password/passwordPolicy.ts';
import { exportMosquitto } from '../../../core/authority/trust/mosquitto.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../../core/domain/password.ts';
import { systemRandom } from '../../support/batchFixture.ts';
import { consumerFixture, type Identity } from '../../support/consumerFixture.ts';
import { answerTo, connectPacket } from '../../support/mqtt.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { freePort, type RunningServer, startServer } from '../../support/server.ts';

const site = consumerFixture();
const files = temporaryFolder();
const servers: RunningServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  files.remove();
});

const password = newPassword(DEFAULT_PASSWORD_POLICY, systemRandom);
const passwordText = password.use((bytes) => Buffer.from(bytes).toString());

const withCertificate = (port: number, device: Identity): Promise<number | undefined> =>
  answerTo(
    connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: site.rootPem,
      cert: device.certificate,
      key: device.key,
    }),
    connectPacket(),
    'secureConnect',
  );

async function startMosquitto(name: string, lines: (port: number) => readonly string[]): Promise<number> {
  const port = await freePort();
  const configuration = files.write(
    `${name}.conf`,
    `${['persistence false', ...lines(port), ''].join('\n')}`,
  );
  servers.push(await startServer('/usr/sbin/mosquitto', ['-c', configuration], port));
  return port;
}

const tlsLines = (name: string, identity: Identity) => (port: number) => {
  const exported = exportMosquitto(site.material);
  for (const file of exported) files.write(file.fileName, file.bytes);
  const settings = exported.find((one) => one.fileName === 'keyline-mosquitto.conf');
  return [
    `listener ${port} 127.0.0.1`,
    `certfile ${files.write(`${name}.pem`, identity.certificate)}`,
    `keyfile ${files.write(`${name}.key`, identity.key)}`,
    Buffer.from(settings?.bytes ?? '')
      .toString()
      .replaceAll('/etc/mosquitto/keyline', files.folder),
  ];
};

describe.skipIf(!hasTool('/usr/sbin/mosquitto', '-h'))('mosquitto with the exported settings', () => {
  let port = 0;
  let passwordPort = 0;
  beforeAll(async () => {
    // Started as root it becomes another user, who must be able to read this test's files.
    chmodSync(files.folder, 0o755);
    const users = [
      { username: 'SN-1', verifiers: passwordVerifiers(password, systemRandom) },
      {
        username: 'SN-2',
        verifiers: passwordVerifiers(newPassword(DEFAULT_PASSWORD_POLICY, systemRandom), systemRandom),
      },
    ];
    const passwordFile = files.write('mosquitto.passwd', [...mosquittoLines(users)].join(''));
    port = await startMosquitto('tls', (at) => tlsLines('server', site.server)(at));
    passwordPort = await startMosquitto('password', (at) => [
      `listener ${at} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${passwordFile}`,
    ]);
  });

  it('lets the good device in', async () => {
    expect(await withCertificate(port, site.devices.good)).toBe(0);
  });

  it.each(['revoked', 'foreign', 'expired'] as const)('keeps a device out that is %s', async (kind) => {
    expect(await withCertificate(port, site.devices[kind])).toBeUndefined();
  });

  it('is refused by the device when it is not of this site', async () => {
    const foreignPort = await startMosquitto('foreign', tlsLines('foreign-server', site.foreignServer));
    expect(await withCertificate(foreignPort, site.devices.good)).toBeUndefined();
  });

  const withPassword = (username: string, secret: string) =>
    answerTo(connectPlain(passwordPort, '127.0.0.1'), connectPacket(username, secret), 'connect');

  it('accepts a generated password for its user, and refuses it for another, a wrong one, and none', async () => {
    expect(await withPassword('SN-1', passwordText)).toBe(0);
    expect(await withPassword('SN-2', passwordText)).toBe(5);
    expect(await withPassword('SN-1', `${passwordText}x`)).toBe(5);
    expect(await answerTo(connectPlain(passwordPort, '127.0.0.1'), connectPacket(), 'connect')).toBe(5);
  });
});
