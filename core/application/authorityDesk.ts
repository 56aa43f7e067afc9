// The local CA as a supervisor sees it: state, unlock and lock, exports, server certificates.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StationKeyMaker } from '../authority/keys.ts';
import { profileNamed } from '../authority/profileStore.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { encodePem } from '../authority/x509/pem.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { ServerCertificate } from '../contract/schemas/authority.ts';
import { type Credential, isLive } from '../domain/credential.ts';
import type { Profile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import { writeFileAtomically } from '../host/atomicFile.ts';
import { edgeFiles } from '../host/edgeFiles.ts';
import { EDGE_PROFILE, EDGE_SERVER_NAME } from '../host/startEdge.ts';
import { storageErrors } from '../host/storageErrors.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { issueEdgeCredential } from '../station/edgeCredential.ts';
import { certificateView } from './certificateView.ts';
import { lockNow, requestLock, unlock } from './workshop.ts';
import { houseOf, operatorOf, sessionOf, tellSession, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `authority.${string}`>>;

const LIST_VALID_MS = 30 * 24 * 60 * 60 * 1000;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)$/i;
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

function serverView(credential: Credential): ServerCertificate[] {
  const { holder, certificateDer, credentialId, notAfterMs } = credential;
  if (holder.kind !== 'edge-server' || certificateDer === undefined || notAfterMs === undefined) return [];
  const names = describeCertificate(certificateDer).altNames.map((name) => name.replace(/^(DNS|IP):/, ''));
  return [
    {
      credentialId,
      serverName: holder.serverName,
      names: names.slice(0, 40),
      notAfterMs,
      revoked: !isLive(credential.state),
    },
  ];
}

/** The shipped server profile with exactly these names and this life. */
function serverProfile(base: Profile, names: readonly string[], validityDays: number): Profile {
  const addresses = names.filter((name) => ADDRESS.test(name));
  return {
    ...base,
    subjectAltName: {
      uris: [],
      dnsNames: names.filter((name) => !ADDRESS.test(name)),
      ipAddresses: addresses,
    },
    validity: { days: validityDays },
  };
}

export function createAuthorityDesk(world: World): Part {
  const { clock } = world;
  const audit = (act: string, details: Readonly<Record<string, string | number>>): void =>
    houseOf(world).inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  return {
    'authority.get': () => {
      const { inventory, authority } = houseOf(world);
      const states = inventory.counts().credentialsByState;
      const live =
        (states.issued ?? 0) + (states.installed ?? 0) + (states.verified ?? 0) + (states.sealed ?? 0);
      const revoked = states.revoked ?? 0;
      return {
        lock: sessionOf(world).lock,
        root: certificateView(authority.rootDer),
        issuing: certificateView(authority.issuingDer),
        issuedCount: live + revoked,
        liveCount: live,
        revokedCount: revoked,
        newestIssuedAtMs: inventory.newestIssuedAtMs(),
        serverCertificates: inventory.edgeCredentials().flatMap(serverView),
      };
    },
    'authority.unlock': async ({ passphrase, lockAfterMinutes }) => {
      const house = houseOf(world);
      try {
        await unlock(world, house, passphrase, lockAfterMinutes);
      } catch (thrown) {
        if (thrown instanceof StationError && thrown.code === 'passphrase_wrong')
          audit('authority-unlock-refused', {});
        throw thrown;
      }
      audit('authority-unlocked', { lockAfterMinutes });
      return tellSession(world);
    },
    'authority.lock': async () => {
      if (world.workshop !== undefined) audit('authority-locked', { why: 'operator' });
      requestLock(world);
      if (world.runsUnderWay() === 0) await lockNow(world);
      return tellSession(world);
    },
    'authority.export': ({ what, format }) => {
      const { inventory, authority, facts } = houseOf(world);
      const isList = what === 'revocation-list';
      const ders =
        what === 'root'
          ? [authority.rootDer]
          : what === 'chain'
            ? [authority.issuingDer, authority.rootDer]
            : [authority.signRevocationList(inventory.revokedCertificates(), clock.nowMs() + LIST_VALID_MS)];
      const [first] = ders;
      if (format === 'der' && (ders.length > 1 || first === undefined))
        throw new StationError('value_invalid', {
          field: 'format',
          value: 'der',
          reason: 'more than one certificate',
        });
      const bytes =
        format === 'der' && first !== undefined
          ? first
          : Buffer.from(ders.map((der) => encodePem(isList ? 'X509 CRL' : 'CERTIFICATE', der)).join(''));
      audit('authority-exported', { what, format });
      return {
        fileName: `${facts.name.replace(/[^A-Za-z0-9._-]+/g, '-')}-${what}.${format === 'pem' ? 'pem' : isList ? 'crl' : 'cer'}`,
        mediaType:
          format === 'pem'
            ? 'application/x-pem-file'
            : isList
              ? 'application/pkix-crl'
              : 'application/pkix-cert',
        base64: Buffer.from(bytes).toString('base64'),
      };
    },
    'authority.issueServer': ({ names, validityDays }) => {
      const house = houseOf(world);
      const { workshop } = world;
      if (workshop === undefined || workshop.closing) throw new StationError('authority_locked');
      const [serverName] = names;
      const wrong = names.find((name) => !ADDRESS.test(name) && !HOST_NAME.test(name));
      // The station's own edge server has that name: a second certificate for it would replace the one in use.
      if (serverName === undefined || wrong !== undefined || serverName.toLowerCase() === EDGE_SERVER_NAME)
        throw new StationError('value_invalid', {
          field: 'names',
          value: wrong ?? serverName,
          reason: 'alphabet',
        });
      const folder = join(house.folder.root, 'servers', serverName.replace(/[^A-Za-z0-9.-]/g, '_'));
      storageErrors(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
      const { inventory, authority } = house;
      issueEdgeCredential(
        { inventory, authority, keys: new StationKeyMaker(), clock, random: systemRandom },
        edgeFiles(folder, workshop.passphrase, systemRandom),
        serverProfile(profileNamed(world.profiles, EDGE_PROFILE), names, validityDays),
        { serverName, site: house.facts.site },
      );
      const trust = [authority.issuingDer, authority.rootDer].map((der) => encodePem('CERTIFICATE', der));
      storageErrors(folder, () => {
        writeFileAtomically(join(folder, 'issuing.pem'), trust[0] ?? '');
        writeFileAtomically(join(folder, 'trust-bundle.pem'), trust.join(''));
      });
      const credential = inventory.liveEdgeCredential(serverName);
      const [server] = credential === undefined ? [] : serverView(credential);
      if (server === undefined) throw new StationError('internal', { message: 'no server certificate' });
      world.emit({ event: 'inventory.changed', payload: {} });
      return {
        server,
        files: ['server.key.pem', 'server.pem', 'issuing.pem', 'trust-bundle.pem'].map((name) => {
          const path = join(folder, name);
          const bytes = readFileSync(path);
          return { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
        }),
      };
    },
  };
}
