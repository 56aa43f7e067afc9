import { afterAll, describe, expect, it } from 'vitest';
import { exportHaproxy } from '../../../core/authority/trust/haproxy.ts';
import { askHttps } from '../../support/askHttps.ts';
import { consumerFixture, type Identity } from '../../support/consumerFixture.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { freePort, type RunningServer, startServer } from '../../support/server.ts';
import { itRefusesInTheHandshake } from './handshakeRefusals.ts';

const HAPROXY = '/usr/sbin/haproxy';
const site = consumerFixture();
const files = temporaryFolder();
const servers: RunningServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  files.remove();
});

/** HAProxy with our own exported front end, its paths moved to this test's folder; it answers in the application's place. */
async function startHaproxy(identity: Identity): Promise<number> {
  const port = await freePort();
  const exported = exportHaproxy(site.material);
  for (const file of exported) files.write(file.fileName, file.bytes);
  const serverPem = files.write(`server-${port}.pem`, identity.certificate + identity.key);
  const frontEnd = Buffer.from(exported.find((one) => one.fileName.endsWith('.cfg'))?.bytes ?? '')
    .toString()
    .replaceAll('/etc/haproxy/keyline', files.folder)
    .replace('/etc/haproxy/server.pem', serverPem)
    .replace('bind :8443', `bind 127.0.0.1:${port}`);
  const configuration = files.write(
    `haproxy-${port}.cfg`,
    `defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s

${frontEnd}
    http-request return status 200 content-type text/plain lf-string "%[req.hdr(X-Device-Serial)]"
`,
  );
  servers.push(await startServer(HAPROXY, ['-db', '-f', configuration], port));
  return port;
}

const ask = (port: number, device: Identity | undefined) => askHttps(port, site.rootPem, device);

describe.skipIf(!hasTool(HAPROXY, '-v'))('HAProxy with the exported front end', () => {
  it('lets the good device in and hands its name on', async () => {
    expect(await ask(await startHaproxy(site.server), site.devices.good)).toMatchObject({
      status: 200,
      body: 'good',
    });
  });

  itRefusesInTheHandshake(site, startHaproxy, ask);
});
