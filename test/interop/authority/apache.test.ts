import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { exportApache } from '../../../core/authority/trust/apache.ts';
import { askHttps } from '../../support/askHttps.ts';
import { consumerFixture, type Identity } from '../../support/consumerFixture.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { freePort, type RunningServer, startServer } from '../../support/server.ts';
import { itRefusesInTheHandshake } from './handshakeRefusals.ts';

const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
const isInstalled = hasTool(APACHE, '-v') && existsSync(`${MODULES}/mod_ssl.so`);
const site = consumerFixture();
const files = temporaryFolder();
const servers: RunningServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  files.remove();
});

/** Apache httpd with our own exported settings, its paths moved to this test's folder; it says whom it let in. */
async function startApache(identity: Identity): Promise<number> {
  const port = await freePort();
  const exported = exportApache(site.material);
  for (const file of exported) files.write(file.fileName, file.bytes);
  const include = Buffer.from(exported.find((one) => one.fileName.endsWith('.conf'))?.bytes ?? '')
    .toString()
    .replaceAll('/etc/apache2/keyline', files.folder);
  const modules = ['mpm_event', 'authz_core', 'ssl', 'headers', 'alias'];
  const configuration = files.write(
    `apache-${port}.conf`,
    `${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerRoot ${files.folder}
ServerName localhost
PidFile ${files.folder}/apache-${port}.pid
DefaultRuntimeDir ${files.folder}
ErrorLog ${files.folder}/apache-${port}.log
User www-data
Group www-data
Listen 127.0.0.1:${port}
<VirtualHost *:${port}>
  SSLEngine on
  SSLCertificateFile ${files.write(`server-${port}.pem`, identity.certificate)}
  SSLCertificateKeyFile ${files.write(`server-${port}.key`, identity.key)}
  ${include}
  Redirect 204 /
  Header always set X-Device-Serial "%{SSL_CLIENT_S_DN_CN}s"
</VirtualHost>
`,
  );
  servers.push(await startServer(APACHE, ['-X', '-f', configuration], port));
  return port;
}

const ask = (port: number, device: Identity | undefined) => askHttps(port, site.rootPem, device);

describe.skipIf(!isInstalled)('Apache httpd with the exported settings', () => {
  it('lets the good device in and knows its name', async () => {
    expect(await ask(await startApache(site.server), site.devices.good)).toMatchObject({
      status: 204,
      headers: { 'x-device-serial': 'good' },
    });
  });

  itRefusesInTheHandshake(site, startApache, ask);
});
