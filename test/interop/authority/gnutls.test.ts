import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crlPem } from '../../../core/authority/revocation/crlSet.ts';
import { serverCaPem } from '../../../core/authority/trust/files.ts';
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

/** Whether the echo server gives a byte back: it does so to whom it has let in only. */
const letIn = (port: number, device: Identity): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: site.rootPem,
      cert: device.certificate,
      key: device.key,
    });
    socket.once('secureConnect', () => socket.write('hello\n'));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });

async function start(command: (port: number) => readonly [string, readonly string[]]): Promise<number> {
  const port = await freePort();
  const [program, args] = command(port);
  servers.push(await startServer(program, args, port));
  return port;
}

const caFile = files.write('cas.pem', serverCaPem(site.material));
const crlFile = files.write('crls.pem', site.material.crlsDer.map(crlPem).join(''));
const certificateFile = files.write('server.pem', site.server.certificate);
const keyFile = files.write('server.key', site.server.key);

describe.skipIf(!hasTool('gnutls-serv'))('a GnuTLS server', () => {
  let port = 0;
  beforeAll(async () => {
    port = await start((at) => [
      'gnutls-serv',
      [
        ...['--echo', '--port', String(at), '--require-client-cert', '--verify-client-cert'],
        ...[
          '--x509cafile',
          caFile,
          '--x509crlfile',
          crlFile,
          '--x509certfile',
          certificateFile,
          '--x509keyfile',
          keyFile,
        ],
      ],
    ]);
  });

  it('lets the good device in', async () => {
    expect(await letIn(port, site.devices.good)).toBe(true);
  });

  it.each(['revoked', 'foreign', 'expired'] as const)('keeps a device out that is %s', async (kind) => {
    expect(await letIn(port, site.devices[kind])).toBe(false);
  });
});

describe.skipIf(!hasTool('openssl', 'version'))('openssl s_server with a list for every CA', () => {
  let port = 0;
  beforeAll(async () => {
    port = await start((at) => [
      'openssl',
      [
        ...[
          's_server',
          '-accept',
          `127.0.0.1:${at}`,
          '-rev',
          '-Verify',
          '3',
          '-verify_return_error',
          '-quiet',
        ],
        ...[
          '-crl_check_all',
          '-CRL',
          crlFile,
          '-CAfile',
          files.write(
            'with-crls.pem',
            `${serverCaPem(site.material)}${site.material.crlsDer.map(crlPem).join('')}`,
          ),
        ],
        ...['-cert', certificateFile, '-cert_chain', certificateFile, '-key', keyFile],
      ],
    ]);
  });

  it('lets the good device in', async () => {
    expect(await letIn(port, site.devices.good)).toBe(true);
  });

  it.each(['revoked', 'foreign', 'expired'] as const)('keeps a device out that is %s', async (kind) => {
    expect(await letIn(port, site.devices[kind])).toBe(false);
  });
});
