// The profiles a station knows, read from a folder of JSON files. One bad file refuses the folder, by its name: a station
// that silently lacked a profile would be found out on the line.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readWholeFile } from '../disk/boundedFile.ts';
import { systemErrorCode } from '../disk/storageErrors.ts';
import { quoteForDisplay } from '../domain/device.ts';
import { PATTERN_FIELDS, type PatternField, type Profile, parseProfile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import { checkNameValue } from './x509/name.ts';
import { hardwareModuleName, hostName, ipName, uriName } from './x509/subjectAltName.ts';

const MAX_FILE_BYTES = 65_536;

/** Every `*.json` of the folder, by profile name. Throws `profile_invalid` with the file's name and what is wrong in it. */
export function loadProfiles(folder: string): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  const sources = new Map<string, string>();
  for (const source of profileFiles(folder)) {
    const profile = parseProfile(parseJson(readText(folder, source), source), source);
    checkLiterals(profile, source);
    const other = sources.get(profile.name);
    if (other !== undefined) invalid(source, `name: "${profile.name}" is already used in ${other}`);
    profiles.set(profile.name, profile);
    sources.set(profile.name, source);
  }
  return profiles;
}

/** The profile of that name; `profile_unknown` lists the known ones. */
export function profileNamed(profiles: ReadonlyMap<string, Profile>, name: string): Profile {
  const profile = profiles.get(name);
  if (profile) return profile;
  throw new StationError('profile_unknown', {
    name: quoteForDisplay(name),
    known: [...profiles.keys()].join(', '),
  });
}

/** What stands in a profile word for word is checked now, not when the first device waits for its certificate. */
function checkLiterals({ subject, subjectAltName }: Profile, source: string): void {
  const check = (path: string, text: string, accept: (value: string) => unknown): void => {
    try {
      accept(text);
    } catch (error) {
      if (!(error instanceof StationError)) throw error;
      invalid(source, `${path}: ${String(error.details.reason)}`);
    }
  };
  for (const [i, { attribute, value }] of subject.entries()) {
    if (isLiteral(value)) check(`subject[${i}].value`, value, (text) => checkNameValue(attribute, text));
  }
  for (const [i, uri] of subjectAltName.uris.entries()) {
    // Values are percent-encoded, so any will do to try the rest of the URI.
    check(`subjectAltName.uris[${i}]`, uri.replace(/\{[^}]*\}/g, 'x'), uriName);
  }
  for (const [i, name] of subjectAltName.dnsNames.entries()) {
    if (isLiteral(name)) check(`subjectAltName.dnsNames[${i}]`, name, hostName);
  }
  const module = subjectAltName.hardwareModule;
  if (module !== undefined && isLiteral(module.serial)) {
    check('subjectAltName.hardwareModule', module.serial, (text) => hardwareModuleName(module.type, text));
  }
  for (const [i, address] of subjectAltName.ipAddresses.entries()) {
    if (isLiteral(address)) check(`subjectAltName.ipAddresses[${i}]`, address, ipName);
  }
}

const isLiteral = (pattern: string): boolean =>
  !PATTERN_FIELDS.some((field: PatternField) => pattern.includes(`{${field}}`));

function profileFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort();
  } catch (error) {
    return invalid(folder, systemErrorCode(error) ?? String(error));
  }
}

function readText(folder: string, source: string): string {
  try {
    const bytes = readWholeFile(join(folder, source), MAX_FILE_BYTES);
    if (bytes === undefined) return invalid(source, `longer than ${MAX_FILE_BYTES} bytes`);
    // Drops the byte order mark that editors on Windows write; refuses what is not UTF-8.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof StationError) throw error;
    return invalid(source, systemErrorCode(error) ?? 'not UTF-8');
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // V8 says where in most cases; older ones only by position.
    const position = /position (\d+)/.exec(message)?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
    throw new StationError('profile_invalid', {
      source,
      reason: `not JSON: ${quoteForDisplay(message, 160)}`,
      line,
    });
  }
}

function invalid(source: string, reason: string): never {
  throw new StationError('profile_invalid', { source, reason });
}
