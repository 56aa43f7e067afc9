// Turns a profile and a device's values into the exact content of one certificate, before a byte of it is encoded.

import { fillPattern, NO_EXPIRY, type PatternValues, type Profile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import { checkNameValue, type NameAttribute } from './x509/name.ts';
import {
  type AltName,
  encodeUriValue,
  hardwareModuleName,
  hostName,
  ipName,
  uriName,
} from './x509/subjectAltName.ts';

/** The names of the holder, checked, each exactly as it will stand in the certificate. */
export interface HolderNames {
  readonly subject: readonly NameAttribute[];
  readonly altNames: readonly AltName[];
}

export interface Validity {
  /** Whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** 9999-12-31T23:59:59Z, which stands for "no well-defined expiration" (RFC 5280 4.1.2.5). */
export const NO_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Fills the profile's patterns. Throws `value_invalid` for a value that is missing, `name_value_invalid` for one that does not fit. */
export function decideNames(profile: Profile, values: PatternValues): HolderNames {
  const subject = profile.subject.map(({ attribute, value }) => ({
    attribute,
    value: fillPattern(value, values),
  }));
  for (const { attribute, value } of subject) checkNameValue(attribute, value);
  return { subject, altNames: decideAltNames(profile.subjectAltName, values) };
}

function decideAltNames(wanted: Profile['subjectAltName'], values: PatternValues): readonly AltName[] {
  const module = wanted.hardwareModule;
  const all = [
    ...wanted.uris.map((pattern) => uriName(fillPattern(pattern, values, encodeUriValue))),
    ...wanted.dnsNames.map((pattern) => hostName(fillPattern(pattern, values))),
    ...wanted.ipAddresses.map((pattern) => ipName(fillPattern(pattern, values))),
    ...(module === undefined ? [] : [hardwareModuleName(module.type, fillPattern(module.serial, values))]),
  ];
  // A server called localhost would otherwise be named twice.
  return all.length < 2
    ? all
    : all.filter(
        ({ kind, value }, i) => all.findIndex((one) => one.kind === kind && one.value === value) === i,
      );
}

/**
 * When the certificate begins and ends: back-dated for devices whose clock runs behind, but never to before its issuer;
 * `days` is the whole period, both ends included (RFC 5280 4.1.2.5). Throws `leaf_outlives_issuer`.
 */
export function decideValidity(profile: Profile, issuer: Validity, nowMs: number): Validity {
  const notBeforeMs = Math.max(wholeSeconds(nowMs - profile.backdateMinutes * MINUTE_MS), issuer.notBeforeMs);
  const notAfterMs =
    'until' in profile.validity
      ? untilMs(profile.validity.until)
      : notBeforeMs + profile.validity.days * DAY_MS - 1000;
  if (notAfterMs > issuer.notAfterMs && !profile.mayOutliveIssuer) {
    throw new StationError('leaf_outlives_issuer', {
      profile: profile.name,
      notAfterMs,
      issuerNotAfterMs: issuer.notAfterMs,
    });
  }
  return { notBeforeMs, notAfterMs };
}

const untilMs = (until: typeof NO_EXPIRY): number => (until === NO_EXPIRY ? NO_EXPIRY_MS : Number.NaN);

export const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
