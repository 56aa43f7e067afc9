import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportNginx } from '../../../core/authority/trust/nginx.ts';
import { askHttps } from '../../support/askHttps.ts';
import { consumerFixture, type Identity } from '../../support/consumerFixture.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { freePort, type RunningServer, startServer } from '../../support/server.ts';

const site = consumerFixture();
const files = temporaryFolder();
const servers: RunningServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  files.remove();
});

/** nginx with our own exported settings, its paths moved to this test's folder. */
async function startNginx(name: string, identity: Identity): Promise<number> {
  const port = await freePort();
  for (const file of exportNginx(site.material)) files.write(file.fileName, file.bytes);
  const settings = exportNginx(site.material).find((one) => one.fileName === 'keyline-nginx.conf');
  const include = Buffer.from(settings?.bytes ?? '')
    .toString()
    .replaceAll('/etc/nginx/keyline', files.folder);
  const at = (file: string): string => path.join(files.folder, `${name}-${file}`);
  const configuration = files.write(
    `${name}.conf`,
    `daemon off; master_process off; pid ${at('pid')}; error_log stderr;
     events {}
     http {
       access_log off;
       client_body_temp_path ${at('body')}; proxy_temp_path ${at('proxy')}; fastcgi_temp_path ${at('fastcgi')};
       uwsgi_temp_path ${at('uwsgi')}; scgi_temp_path ${at('scgi')};
       server {
         listen 127.0.0.1:${port} ssl;
         ssl_certificate ${files.write(`${name}-server.pem`, identity.certificate)};
         ssl_certificate_key ${files.write(`${name}-server.key`, identity.key)};
         ${include}
         location / { return 200 "$ssl_client_s_dn"; }
       }
     }`,
  );
  servers.push(
    await startServer('/usr/sbin/nginx', ['-c', configuration, '-p', files.folder, '-e', 'stderr'], port),
  );
  return port;
}

const ask = (port: number, device: Identity | undefined) => askHttps(port, site.rootPem, device);

describe.skipIf(!hasTool('/usr/sbin/nginx', '-v'))('nginx with the exported settings', () => {
  let port = 0;
  beforeAll(async () => {
    port = await startNginx('site', site.server);
  });

  it('lets the good device in and knows its name', async () => {
    expect(await ask(port, site.devices.good)).toMatchObject({ status: 200, body: 'CN=good,O=Keyline test' });
  });

  it.each(['revoked', 'foreign', 'expired'] as const)('keeps a device out that is %s', async (kind) => {
    expect((await ask(port, site.devices[kind])).status).toBe(400);
  });

  it('keeps a client out that has no certificate', async () => {
    expect((await ask(port, undefined)).status).toBe(400);
  });

  it('is refused by the device when it is not of this site', async () => {
    const foreignPort = await startNginx('foreign', site.foreignServer);
    await expect(ask(foreignPort, site.devices.good)).rejects.toThrow(
      /issuer certificate|unable to verify|signature/i,
    );
  });
});
