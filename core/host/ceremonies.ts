// The ceremonies over data folders: a root on a machine of its own, an issuing CA's request and its answer, the roll-over
// to a further issuing CA, the import of an existing one. Each leaves its entry in the audit log of a station.

import { join } from 'node:path';
import type { CaNames } from '../authority/caCertificate.ts';
import { AUTHORITY_FILES } from '../authority/chain.ts';
import type { ImportedCa } from '../authority/import/caImport.ts';
import {
  installImported,
  installIssuing,
  makeIssuing,
  requestIssuing,
  requestIssuingFromToken,
  signRequestWithRoot,
} from '../authority/import/offlineCeremony.ts';
import { createOfflineRoot, installOfflineRoot } from '../authority/import/offlineRoot.ts';
import {
  assignCa,
  assignRolledOver,
  type CaLabel,
  caFolder,
  caLabels,
  nextCaLabel,
  refusePaiForAll,
} from '../authority/issuing/caFolders.ts';
import type { CaPlace, TokenReference } from '../authority/issuing/caSigner.ts';
import { readCertificateFile } from '../authority/keyVault.ts';
import { makeTokenKey, openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import type { Clock, Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import { type Recorder, withRecords } from './ceremonyRecords.ts';
import type { DataFolder } from './dataFolder.ts';
import { readExistingAuthority } from './existingAuthority.ts';

export interface Ceremony {
  readonly folder: DataFolder;
  readonly operatorName: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  readonly clock: Clock;
  readonly random: Random;
}

/** Of a host that has the station's records open already. */
type OpenCeremony = Omit<Ceremony, 'operatorName'>;

const place = (
  { folder, clock, random }: Pick<Ceremony, 'folder' | 'clock' | 'random'>,
  label: CaLabel = '1',
): CaPlace => ({
  folder: caFolder(folder.authority, label),
  clock,
  random,
  openToken: openTokenKey,
});

/** On the root's machine: its key and certificate. */
export const makeRoot = (
  ceremony: Ceremony,
  site: string,
  matter?: CaNames['matter'],
): ReturnType<typeof describeCertificate> =>
  describeCertificate(
    createOfflineRoot(place(ceremony), ceremony.passphrase, {
      ...{ site, matter },
      commonName: matter === undefined ? `${site} Root CA` : `${site} Matter PAA`,
    }),
  );

/** On the root's machine: an existing root, its key under the ceremony's passphrase from now on. */
export const bringRoot = (
  ceremony: Ceremony,
  files: readonly Uint8Array[],
  filesPassphrase: Secret | undefined,
): ReturnType<typeof describeCertificate> =>
  describeCertificate(
    installOfflineRoot(
      place(ceremony),
      ceremony.passphrase,
      readExistingAuthority({ files, passphrase: filesPassphrase, nowMs: ceremony.clock.nowMs() }),
    ),
  );

const issuingName = (site: string, label: CaLabel, matter: CaNames['matter']): string =>
  matter === undefined ? `${site} Issuing CA ${label}` : `${site} Matter PAI ${label}`;

/** On the root's machine: the chain that answers a request, PEM. */
export function signRequest(ceremony: Ceremony, request: Uint8Array): string {
  const root = place(ceremony);
  return whereTheRootIs(root, () => signRequestWithRoot(root, ceremony.passphrase, request));
}

export interface RequestNames {
  readonly site: string;
  readonly stationName: string;
  readonly commonName?: string | undefined;
  /** Makes it a Matter PAI, for the devices of that vendor (and product). */
  readonly matter?: CaNames['matter'];
  /** The key on a token; `makeKey` makes it there first. */
  readonly token: (TokenReference & { readonly makeKey: boolean }) | undefined;
}

/** On the station: makes the station where there is none, the key of its next issuing CA, and the request, PEM. */
export const requestCa = (ceremony: Ceremony, names: RequestNames): RequestedCa =>
  withRecords(ceremony, names, (record) => requestCaRecorded(ceremony, names, record));

export interface RequestedCa {
  readonly label: CaLabel;
  readonly requestPem: string;
}

/** The same for a host that has the station's records open already. */
export function requestCaRecorded(
  ceremony: OpenCeremony,
  names: Omit<RequestNames, 'stationName'>,
  record: Recorder,
): RequestedCa {
  const { folder, passphrase, random } = ceremony;
  const label = caLabels(folder.authority).length === 0 ? '1' : nextCaLabel(folder.authority);
  const at = place(ceremony, label);
  const { site, matter } = names;
  const wanted = { site, matter, commonName: names.commonName ?? issuingName(site, label, matter) };
  const requestPem = requestWith(at, passphrase, names.token, wanted, random);
  const { commonName } = wanted;
  record('issuing-ca-requested', { label, site, commonName, matterVendor: matter?.vendorId ?? null });
  return { label, requestPem };
}

function requestWith(
  at: CaPlace,
  passphrase: Secret,
  token: RequestNames['token'],
  wanted: CaNames,
  random: Random,
): string {
  if (token === undefined) return requestIssuing(at, passphrase, wanted);
  const { makeKey, ...reference } = token;
  if (makeKey) makeTokenKey(reference, passphrase, random);
  const key = openTokenKey(reference, passphrase);
  try {
    return requestIssuingFromToken(at, key, reference, wanted);
  } finally {
    key.close();
  }
}

export interface InstalledCa {
  readonly label: CaLabel;
  readonly root: ReturnType<typeof describeCertificate>;
  readonly issuing: ReturnType<typeof describeCertificate>;
}

/** On the station: installs the chain that came back; the station's first CA becomes active by that. */
export const installChain = (ceremony: Ceremony, label: CaLabel, chainPem: Uint8Array): InstalledCa =>
  withRecords(ceremony, undefined, (record) => installChainRecorded(ceremony, label, chainPem, record));

/** The same for a host that has the station's records open already. */
export function installChainRecorded(
  ceremony: OpenCeremony,
  label: CaLabel,
  chainPem: Uint8Array,
  record: Recorder,
): InstalledCa {
  installIssuing(place(ceremony, label), ceremony.passphrase, chainPem);
  return recorded(ceremony, label, 'issuing-ca-installed', record);
}

function recorded(ceremony: OpenCeremony, label: CaLabel, act: string, record: Recorder): InstalledCa {
  const installed = describeCa(ceremony, label);
  const { root, issuing } = installed;
  record(act, { label, rootSha256: root.sha256, issuingSha256: issuing.sha256 });
  return installed;
}

/** Takes an existing CA in. The station's first one, or a further one. */
export function importExisting(
  ceremony: Ceremony,
  names: Pick<RequestNames, 'site' | 'stationName'>,
  files: readonly Uint8Array[],
  filesPassphrase: Secret | undefined,
): InstalledCa {
  const nowMs = ceremony.clock.nowMs();
  const imported = readExistingAuthority({ files, passphrase: filesPassphrase, nowMs });
  return withRecords(ceremony, names, (record) => importRecorded(ceremony, imported, record));
}

/** The same for a host that has the station's records open already. */
export function importRecorded(ceremony: OpenCeremony, imported: ImportedCa, record: Recorder): InstalledCa {
  const { authority } = ceremony.folder;
  refuseTakenIn(authority, imported.chainDer[0]);
  const label = caLabels(authority).length === 0 ? '1' : nextCaLabel(authority);
  installImported(place(ceremony, label), ceremony.passphrase, imported);
  return recorded(ceremony, label, 'authority-imported', record);
}

/** One CA under two labels would number its revocation lists twice. */
function refuseTakenIn(authorityFolder: string, issuingDer: Uint8Array | undefined): void {
  const isHere = caLabels(authorityFolder).some((label) => {
    const path = join(caFolder(authorityFolder, label), AUTHORITY_FILES.issuing);
    return issuingDer !== undefined && Buffer.compare(readCertificateFile(path), issuingDer) === 0;
  });
  if (isHere) {
    throw new StationError('chain_invalid', { reason: 'taken-in-already', meaning: 'import-files-unfit' });
  }
}

export interface RollOver {
  readonly commonName?: string | undefined;
  /** Makes it a Matter PAI. */
  readonly matter?: CaNames['matter'];
  /** It signs the certificates of this profile only; all others stay where they are. */
  readonly profileName?: string | undefined;
}

/**
 * Where the root's key is at hand: a new issuing CA, signed at once and made the active one. The old one stays trusted and
 * keeps revoking.
 */
export const rollOver = (ceremony: Ceremony, wanted: RollOver): InstalledCa =>
  withRecords(ceremony, undefined, (record, site) => rollOverRecorded(ceremony, site, wanted, record));

/** `root_elsewhere` where the root's certificate is here without its key. */
export function whereTheRootIs<T>(root: Pick<CaPlace, 'folder'>, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const { code, details } = asStationError(thrown);
    const isKeyMissing =
      code === 'authority_missing' && details.path === join(root.folder, AUTHORITY_FILES.rootKey);
    throw isKeyMissing ? new StationError('root_elsewhere') : thrown;
  }
}

/** The same for a host that has the station's records open already. A root that does not sign leaves nothing behind. */
export function rollOverRecorded(
  ceremony: OpenCeremony,
  site: string,
  { commonName, matter, profileName }: RollOver,
  record: Recorder,
): InstalledCa {
  const { folder, passphrase } = ceremony;
  if (matter !== undefined && profileName === undefined) refusePaiForAll(folder.authority);
  const root = place(ceremony);
  const label = nextCaLabel(folder.authority);
  const names = { site, matter, commonName: commonName ?? issuingName(site, label, matter) };
  whereTheRootIs(root, () => makeIssuing(root, place(ceremony, label), passphrase, names));
  const installed = describeCa(ceremony, label);
  record('issuing-ca-rolled-over', { label, issuingSha256: installed.issuing.sha256 });
  assignRolledOver(folder.authority, label, profileName);
  return installed;
}

/** Makes a CA the active one, or the one for a profile. */
export function useCa(
  ceremony: Omit<Ceremony, 'passphrase'>,
  label: CaLabel,
  profileName: string | undefined,
): void {
  withRecords(ceremony, undefined, (record) => {
    assignCa(ceremony.folder.authority, label, profileName);
    record('issuing-ca-assigned', { label, profile: profileName ?? null });
  });
}

function describeCa(ceremony: Pick<Ceremony, 'folder'>, label: CaLabel): InstalledCa {
  const folder = caFolder(ceremony.folder.authority, label);
  const read = (name: string) => describeCertificate(readCertificateFile(join(folder, name)));
  return { label, root: read('root.pem'), issuing: read('issuing.pem') };
}
