// The authority as the window shows it: its CAs, what they signed, and the servers' certificates.

import { waitingRequest } from '../authority/import/offlineCeremony.ts';
import { caFolder, folderLabels } from '../authority/issuing/caFolders.ts';
import { hasCaKey, tokenReferenceOf } from '../authority/issuing/caSigner.ts';
import { readRequest } from '../authority/request/requestReader.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { nameForDisplay } from '../authority/x509/name.ts';
import type { AuthorityView, IssuingCa, ServerCertificate } from '../contract/schemas/authority.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { type Credential, isLive } from '../domain/credential.ts';
import { MANIFEST_PROFILE } from '../host/deliveryManifests.ts';
import { certificateView } from './certificateView.ts';
import type { House } from './house.ts';
import { houseOf, sessionOf, type World } from './world.ts';

const SERVERS_SHOWN = 200;

/** Undefined for what is no server's: not issued yet, or the signer of a manifest. */
export function serverView(credential: Credential): ServerCertificate | undefined {
  const { holder, certificateDer, credentialId, notAfterMs, profileName } = credential;
  if (holder.kind !== 'edge-server' || certificateDer === undefined || notAfterMs === undefined)
    return undefined;
  if (profileName === MANIFEST_PROFILE.name) return undefined;
  return {
    ...{ credentialId, serverName: holder.serverName, notAfterMs },
    names: serverNames(certificateDer).slice(0, 40),
    revoked: !isLive(credential.state),
  };
}

/** DNS names and addresses of a server's certificate. */
export const serverNames = (certificateDer: Uint8Array): readonly string[] =>
  describeCertificate(certificateDer).altNames.map((name) => name.replace(/^(DNS|IP):/, ''));

function issuingCas(house: House): readonly IssuingCa[] {
  const { inventory, authority, folder } = house;
  const records = new Map(inventory.issuingCas().map((one) => [one.certificateSha256, one]));
  const { active, profiles } = authority.assignment;
  return [...authority.all].map(([label, { issuingDer, revoked }]): IssuingCa => {
    const record = records.get(sha256Hex(issuingDer));
    const place = caFolder(folder.authority, label);
    return {
      label,
      certificate: certificateView(issuingDer),
      active: label === active,
      profiles: Object.keys(profiles).filter((name) => profiles[name] === label),
      custody: tokenReferenceOf(place, 'issuing') === undefined ? 'file' : 'token',
      used: record?.used ?? 0,
      quota: record?.quota,
      endsAtMs: record?.endsAtMs,
      revoked,
    };
  });
}

function requests({ authority: folder }: House['folder']): AuthorityView['requests'] {
  return folderLabels(folder).flatMap((label) => {
    const request = waitingRequest(caFolder(folder, label));
    if (request === undefined) return [];
    return [{ label, subject: nameForDisplay(readRequest(request).subjectDer).slice(0, 600) }];
  });
}

export function authorityView(world: World): AuthorityView {
  const house = houseOf(world);
  const { inventory, authority } = house;
  const states = inventory.counts().credentialsByState;
  const live = (states.issued ?? 0) + (states.installed ?? 0) + (states.verified ?? 0) + (states.sealed ?? 0);
  const revoked = states.revoked ?? 0;
  const servers = inventory.edgeCredentials().flatMap((one) => serverView(one) ?? []);
  return {
    lock: sessionOf(world).lock,
    root: certificateView(authority.rootDer),
    issuing: certificateView(authority.issuingDer),
    issuingCas: issuingCas(house),
    requests: requests(house.folder),
    rootHere: hasCaKey(house.folder.authority, 'root'),
    issuedCount: live + revoked,
    liveCount: live,
    revokedCount: revoked,
    newestIssuedAtMs: inventory.newestIssuedAtMs(),
    serverCertificates: servers.slice(0, SERVERS_SHOWN),
  };
}
