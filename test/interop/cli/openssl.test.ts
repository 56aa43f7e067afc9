// OpenSSL's word on what the command line made: every certificate of a station, and an edge server that lets a device's own
// credential in and nobody without one.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';

const NONCE = '0123456789abcdef0123456789abcdef';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl || process.platform === 'win32')(
  'openssl (skipped where it is not installed)',
  () => {
    const { world, station } = stationOfTests();
    const authority = (name: string) => join(station.data, 'authority', name);
    const beside = (name: string) => join(station.beside, name);

    beforeAll(async () => {
      for (const number of [1, 2]) {
        const device = await world.device(station);
        const made = await provisionWithCli(station, device.path, `OPEN-${number}`);
        expect(made.code, made.stdout).toBe(0);
        await device.stop();
        const exported = await cli([
          'simulate',
          'export',
          beside(`device-${number}.json`),
          '--out',
          beside(`device-${number}`),
        ]);
        expect(exported.code, exported.stdout).toBe(0);
      }
    });

    const verify = (purpose: string, certificate: string): string =>
      execFileSync(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-check_ss_sig',
          '-purpose',
          purpose,
          '-CAfile',
          authority('root.pem'),
          '-untrusted',
          authority('issuing.pem'),
          certificate,
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      );

    test('verifies strictly every certificate of the inventory', async () => {
      const exported = (
        await cli(['inventory', 'export', '--format', 'json'], { data: station.data })
      ).lines();
      expect(exported).toHaveLength(2);
      for (const number of [1, 2]) {
        const shown = await cli(['inventory', 'show', `OPEN-${number}`], { data: station.data });
        const credentials = shown.line('device').credentials as { certificate: string }[];
        for (const [index, { certificate }] of credentials.entries()) {
          const path = beside(`inventory-${number}-${index}.pem`);
          writeFileSync(
            path,
            `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
          );
          expect(verify('sslclient', path)).toContain('OK');
          expect(() => verify('sslserver', path)).toThrow();
        }
        expect(verify('sslclient', beside(`device-${number}/device.pem`))).toContain('OK');
      }
    });

    test('verifies strictly the edge server and the two CAs', () => {
      expect(verify('sslserver', join(station.data, 'edge', 'server.pem'))).toContain('OK');
      expect(() => verify('sslclient', join(station.data, 'edge', 'server.pem'))).toThrow();
      for (const name of ['root.pem', 'issuing.pem']) {
        expect(verify('any', authority(name))).toContain('OK');
        const text = execFileSync('openssl', ['x509', '-in', authority(name), '-noout', '-text'], {
          encoding: 'utf8',
        });
        expect(text).toMatch(/CA:TRUE/);
      }
    });

    /** Connects, waits for the server's verdict or its hanging up, and tells all that s_client said. */
    async function connect(port: number, ...credential: readonly string[]): Promise<string> {
      const client = spawn('openssl', [
        's_client',
        '-quiet',
        '-connect',
        `127.0.0.1:${port}`,
        '-servername',
        'localhost',
        '-verify_return_error',
        '-CAfile',
        authority('root.pem'),
        ...credential,
      ]);
      let text = '';
      client.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      client.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      client.stdin.on('error', () => undefined);
      client.stdin.write(`keyline-proof ${NONCE}\n`);
      await new Promise((resolve) => client.once('close', resolve));
      return text;
    }

    /** Runs the station’s edge server for `body`; gives the connections that it saw. */
    async function withEdge(body: (port: number) => Promise<void>) {
      const edge = startCli(['edge'], { data: station.data });
      try {
        const listening = await edge.seen(/"edge-listening".*"port":(\d+)\}/);
        await body(Number(listening[1]));
      } finally {
        edge.child.kill('SIGINT');
      }
      return (await edge.done).lines().filter(({ event }) => event === 'edge-connection');
    }

    const credential = (number: number) => [
      '-cert',
      beside(`device-${number}/device.pem`),
      '-key',
      beside(`device-${number}/device.key.pem`),
    ];

    test('is admitted by keyline edge with an exported credential, and refused without one or with a revoked one', async () => {
      const first = await withEdge(async (port) => {
        expect(await connect(port, ...credential(1))).toContain(`admitted ${NONCE}`);
        expect(await connect(port)).toMatch(/alert|certificate required/i);
      });
      expect(first[0]).toMatchObject({ outcome: 'admitted', peerSubject: expect.stringContaining('OPEN-1') });
      expect(first[1]).toMatchObject({ outcome: 'refused', refusal: { code: 'no-certificate' } });

      expect((await cli(['revoke', 'OPEN-2', '--yes'], { data: station.data })).code).toBe(0);
      const second = await withEdge(async (port) => {
        expect(await connect(port, ...credential(2))).toContain('refused revoked');
      });
      expect(second[0]).toMatchObject({ outcome: 'refused', refusal: { code: 'revoked' } });
      expect(readFileSync(beside('device-1/device.key.pem'), 'utf8')).toContain('BEGIN PRIVATE KEY');
    });

    test('is refused with a credential on record of an issuing CA that is revoked, by a server that has a new one', async () => {
      const serverPem = join(station.data, 'edge', 'server.pem');
      const before = readFileSync(serverPem, 'utf8');
      for (const args of [
        ['authority', 'revoke-issuing', '1', '--reason', 'keyCompromise', '--yes'],
        ['authority', 'roll-over'],
      ]) {
        const done = await cli(args, { data: station.data });
        expect(done.code, done.stdout).toBe(0);
      }
      // The device sends the revoked CA's certificate along, so TLS itself has nothing against it.
      const chain = [...credential(1), '-cert_chain', authority('issuing.pem')];
      const [seen] = await withEdge(async (port) => {
        expect(await connect(port, ...chain)).toContain('refused revoked');
      });
      expect(seen).toMatchObject({ outcome: 'refused', refusal: { code: 'revoked', reason: 'inventory' } });
      expect(readFileSync(serverPem, 'utf8')).not.toBe(before);
      const shown = await cli(['inventory', 'show', 'OPEN-1'], { data: station.data });
      expect(shown.line('device').credentials).toMatchObject([{ state: 'verified' }]);
    });
  },
);
