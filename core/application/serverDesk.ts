// Certificates for edge servers: issued, and renewed before they end. Their keys are written at the station.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StationKeyMaker } from '../authority/keys.ts';
import { profileNamed } from '../authority/profileStore.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { IssuedServer } from '../contract/schemas/authority.ts';
import { toPem } from '../der/pem.ts';
import { replaceFile } from '../disk/durableFile.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import type { CredentialId } from '../domain/ids.ts';
import type { Profile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import { edgeFiles } from '../host/edgeFiles.ts';
import { EDGE_PROFILE, EDGE_SERVER_NAME } from '../host/startEdge.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { issueEdgeCredential } from '../station/edgeCredential.ts';
import { serverNames, serverView } from './authorityView.ts';
import { describeFiles } from './exportsFolder.ts';
import { openWorkshop } from './issuingParts.ts';
import { houseOf, type World } from './world.ts';

type Part = Pick<StationMethods, 'authority.issueServer' | 'authority.renewServer'>;

const DAY_MS = 86_400_000;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)$/i;
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** The shipped server profile with exactly these names and this life. */
function serverProfile(base: Profile, names: readonly string[], validityDays: number): Profile {
  return {
    ...base,
    subjectAltName: {
      uris: [],
      dnsNames: names.filter((name) => !ADDRESS.test(name)),
      ipAddresses: names.filter((name) => ADDRESS.test(name)),
    },
    validity: { days: validityDays },
  };
}

export function createServerDesk(world: World): Part {
  async function issue(names: readonly string[], validityDays: number): Promise<IssuedServer> {
    const { clock } = world;
    const house = houseOf(world);
    const workshop = openWorkshop(world);
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
    const credential = inventory.liveEdgeCredential(serverName);
    const server = credential && serverView(credential);
    if (server === undefined) throw new StationError('internal', { message: 'no server certificate' });
    const pem = (ders: readonly Uint8Array[]): string =>
      ders.map((der) => toPem('CERTIFICATE', der)).join('');
    storageErrors(folder, () => {
      const issuer = authority.issuerOf(credential?.certificateDer ?? new Uint8Array());
      replaceFile(join(folder, 'issuing.pem'), pem([issuer]));
      replaceFile(join(folder, 'trust-bundle.pem'), pem(authority.trustBundleDer.toReversed()));
    });
    world.emit({ event: 'inventory.changed', payload: {} });
    const paths = ['server.key.pem', 'server.pem', 'issuing.pem', 'trust-bundle.pem'];
    return {
      server,
      ...(await describeFiles(
        folder,
        paths.map((name) => join(folder, name)),
      )),
    };
  }

  return {
    'authority.issueServer': ({ names, validityDays }) => issue(names, validityDays),
    'authority.renewServer': ({ credentialId }) => {
      const before = houseOf(world).inventory.credential(credentialId as CredentialId);
      const { certificateDer, notBeforeMs, notAfterMs } = before ?? {};
      if (
        before?.holder.kind !== 'edge-server' ||
        certificateDer === undefined ||
        notBeforeMs === undefined ||
        notAfterMs === undefined ||
        serverView(before) === undefined
      )
        throw new StationError('credential_unknown', { credentialId });
      // The name that its records go by comes first, whatever the order in the certificate.
      const { serverName } = before.holder;
      const others = serverNames(certificateDer).filter((name) => name !== serverName);
      return issue([serverName, ...others], Math.max(1, Math.round((notAfterMs - notBeforeMs) / DAY_MS)));
    },
  };
}
