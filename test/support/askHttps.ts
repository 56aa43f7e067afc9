// One HTTPS request as a device makes it, to a server on loopback that is called localhost.

import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { Identity } from './consumerFixture.ts';

export interface HttpsAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** Rejects when the connection fails: also when the server refuses the device's certificate in the handshake. */
export const askHttps = (port: number, rootPem: string, device: Identity | undefined): Promise<HttpsAnswer> =>
  new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        ca: rootPem,
        ...(device === undefined ? {} : { cert: device.certificate, key: device.key }),
        agent: false,
      },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
      },
    );
    asking.on('error', reject);
    asking.end();
  });
