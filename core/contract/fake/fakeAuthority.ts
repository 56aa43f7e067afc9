// The fake's local CA: it has certificates to show and signs nothing.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { ServerCertificate } from '../schemas/authority.ts';
import { certificateOf } from './fakeCertificate.ts';
import { DAY_MS, hexOf, tellSession, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `authority.${string}`>>;

export function fakeAuthority(world: World): Part {
  const now = world.options.nowMs;
  const servers: ServerCertificate[] = [
    {
      credentialId: 'credential-5e1',
      serverName: 'mqtt.plant.example',
      names: ['mqtt.plant.example', '10.20.0.5'],
      notAfterMs: now() + 211 * DAY_MS,
      revoked: false,
    },
    {
      credentialId: 'credential-5e2',
      serverName: 'edge-old.plant.example',
      names: ['edge-old.plant.example'],
      notAfterMs: now() - 12 * DAY_MS,
      revoked: false,
    },
  ];

  return {
    'authority.get': () => {
      if (world.lock.state === 'missing') throw new StationError('authority_missing');
      const usages = {
        keyUsage: ['keyCertSign', 'cRLSign'],
        extendedKeyUsage: [],
        issuer: `CN=${world.site} Root CA, O=${world.site}`,
      };
      return {
        lock: world.lock,
        root: certificateOf(world, 1, {
          ...usages,
          subject: `CN=${world.site} Root CA, O=${world.site}`,
          notAfterMs: now() + 7_100 * DAY_MS,
        }),
        issuing: certificateOf(world, 2, {
          ...usages,
          subject: `CN=${world.site} Issuing CA 1, O=${world.site}`,
          notAfterMs: now() + 3_450 * DAY_MS,
        }),
        issuedCount: world.options.inventoryRows,
        liveCount: Math.round(world.options.inventoryRows * 0.8),
        revokedCount: Math.round(world.options.inventoryRows * 0.1),
        newestIssuedAtMs: now() - 48_000,
        serverCertificates: servers,
      };
    },
    'authority.unlock': async ({ passphrase, lockAfterMinutes }) => {
      await new Promise<void>((resolve) => world.options.later(resolve, 700));
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      world.lock = { state: 'unlocked', locksAtMs: now() + lockAfterMinutes * 60_000 };
      return tellSession(world);
    },
    'authority.lock': () => {
      world.lock = { state: 'locked' };
      return tellSession(world);
    },
    'authority.export': ({ what, format }) => ({
      fileName: `keyline-${what}.${format === 'pem' ? (what === 'revocation-list' ? 'crl.pem' : 'pem') : what === 'revocation-list' ? 'crl' : 'cer'}`,
      mediaType: format === 'pem' ? 'application/x-pem-file' : 'application/pkix-cert',
      base64: btoa(certificateOf(world, what === 'root' ? 1 : 2).pem),
    }),
    'authority.issueServer': ({ names, validityDays }) => {
      if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
      const serverName = names[0] ?? '';
      const server: ServerCertificate = {
        credentialId: `credential-${hexOf(servers.length, 95, 16)}`,
        serverName,
        names,
        notAfterMs: now() + validityDays * DAY_MS,
        revoked: false,
      } as ServerCertificate;
      servers.unshift(server);
      const folder = `/var/lib/keyline/exports/${serverName}`;
      return {
        server,
        files: ['server.key', 'server-chain.pem', 'device-trust.pem'].map((name, i) => ({
          path: `${folder}/${name}`,
          sizeBytes: 300 + i * 900,
          sha256: hexOf(i, 96, 64),
        })),
      };
    },
  };
}
