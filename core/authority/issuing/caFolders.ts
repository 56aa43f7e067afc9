// The issuing CAs of a site on the disk. The first stands in the authority's folder itself, each further one in a folder of
// its own with the same files. One of them is active; a profile may name another.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../der/fingerprint.ts';
import { PUBLIC_MODE, replaceFile } from '../../disk/durableFile.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { AUTHORITY_FILES } from '../chain.ts';
import { readCertificateFile, readTextFile } from '../keyVault.ts';
import { revokedCas } from '../revocation/revokedCas.ts';
import { readCertificate } from '../x509/certificate.ts';
import { attributeOf } from '../x509/name.ts';

/** `1`, `2` …: the order in which they came. */
export type CaLabel = string;

const FURTHER_FOLDER = 'issuing-cas';
const ASSIGNMENT_FILE = 'issuing-cas.json';
const LABEL = /^[1-9]\d{0,3}$/;

const assignmentSchema = z.strictObject({
  formatVersion: z.literal(1),
  active: z.string().regex(LABEL),
  profiles: z.record(z.string(), z.string().regex(LABEL)),
});

/** Which CA signs. */
export interface CaAssignment {
  readonly active: CaLabel;
  /** Profiles that another than the active one signs. */
  readonly profiles: Readonly<Record<string, CaLabel>>;
}

export function caFolder(authorityFolder: string, label: CaLabel): string {
  if (!LABEL.test(label)) throw new StationError('issuing_ca_unknown', { name: quoteForDisplay(label) });
  return label === '1' ? authorityFolder : join(authorityFolder, FURTHER_FOLDER, label);
}

/** All that have a certificate, oldest first. */
export const caLabels = (authorityFolder: string): readonly CaLabel[] =>
  folderLabels(authorityFolder).filter((label) =>
    existsSync(join(caFolder(authorityFolder, label), AUTHORITY_FILES.issuing)),
  );

/** The label for the next one; folders of requests on their way count. */
export const nextCaLabel = (authorityFolder: string): CaLabel =>
  String(Math.max(...folderLabels(authorityFolder).map(Number)) + 1);

/** All that have a folder, with a certificate or not yet. */
export function folderLabels(authorityFolder: string): readonly CaLabel[] {
  const further = join(authorityFolder, FURTHER_FOLDER);
  const names = existsSync(further) ? readdirSync(further).filter((name) => LABEL.test(name)) : [];
  return ['1', ...names.filter((name) => name !== '1')].sort((left, right) => Number(left) - Number(right));
}

/** Without a file the first CA signs everything. Throws `authority_invalid`. */
export function readAssignment(authorityFolder: string): CaAssignment {
  const path = join(authorityFolder, ASSIGNMENT_FILE);
  if (!existsSync(path)) return { active: '1', profiles: {} };
  try {
    const { active, profiles } = assignmentSchema.parse(JSON.parse(readTextFile(path)));
    return { active, profiles };
  } catch (cause) {
    throw new StationError('authority_invalid', { path, reason: 'assignment' }, { cause });
  }
}

/**
 * Makes `label` the active CA, or the one for `profileName`. Throws `issuing_ca_unknown` for one that is not there,
 * `issuing_ca_revoked`, and what {@link refusePaiForAll} throws.
 */
export function assignCa(
  authorityFolder: string,
  label: CaLabel,
  profileName: string | undefined,
): CaAssignment {
  if (!caLabels(authorityFolder).includes(label)) {
    throw new StationError('issuing_ca_unknown', { name: quoteForDisplay(label) });
  }
  if (isRevoked(authorityFolder, label)) throw new StationError('issuing_ca_revoked');
  if (profileName === undefined && isPai(authorityFolder, label)) refusePaiForAll(authorityFolder);
  const before = readAssignment(authorityFolder);
  const after: CaAssignment =
    profileName === undefined
      ? { active: label, profiles: {} }
      : { ...before, profiles: { ...before.profiles, [profileName]: label } };
  writeAssignment(authorityFolder, after);
  return after;
}

/**
 * The same after a roll-over, where a profile that was given to another CA (a Matter PAI, say) stays there, but not with a
 * revoked one.
 */
export function assignRolledOver(
  authorityFolder: string,
  label: CaLabel,
  profileName: string | undefined,
): void {
  const { profiles } = readAssignment(authorityFolder);
  if (profileName !== undefined) {
    assignCa(authorityFolder, label, profileName);
    return;
  }
  const kept = Object.entries(profiles).filter(([, assigned]) => !isRevoked(authorityFolder, assigned));
  writeAssignment(authorityFolder, { active: label, profiles: Object.fromEntries(kept) });
}

/**
 * A Matter PAI signs attestation certificates only: as the active CA it would leave everything else, the edge server's own
 * certificate first, without one that signs. `value_invalid`, unless the active one is a PAI already.
 */
export function refusePaiForAll(authorityFolder: string): void {
  if (!isPai(authorityFolder, readAssignment(authorityFolder).active))
    throw new StationError('value_invalid', { field: 'profile', meaning: 'pai-for-one-profile' });
}

const isPai = (authorityFolder: string, label: CaLabel): boolean =>
  attributeOf(readCertificate(certificateOf(authorityFolder, label)).subjectDer, 'matterVendorId') !==
  undefined;

const certificateOf = (authorityFolder: string, label: CaLabel): Uint8Array =>
  readCertificateFile(join(caFolder(authorityFolder, label), AUTHORITY_FILES.issuing));

function writeAssignment(authorityFolder: string, assignment: CaAssignment): void {
  const text = `${JSON.stringify({ formatVersion: 1, ...assignment }, null, 2)}\n`;
  replaceFile(join(authorityFolder, ASSIGNMENT_FILE), text, PUBLIC_MODE);
}

function isRevoked(authorityFolder: string, label: CaLabel): boolean {
  const revoked = revokedCas(authorityFolder);
  if (revoked.length === 0) return false;
  const sha256 = sha256Hex(certificateOf(authorityFolder, label));
  return revoked.some((one) => one.certificateSha256 === sha256);
}
