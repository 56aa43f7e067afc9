// Turns a profile and a device's values into the exact content of one certificate, before a byte of it is encoded.

import {
  type CompiledPattern,
  compilePattern,
  NO_EXPIRY,
  type PatternValues,
  type Profile,
} from '../domain/profile.ts';
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
export const decideNames = (profile: Profile, values: PatternValues): HolderNames =>
  namesDecider(profile)(values);

/** {@link decideNames} for one holder after another: the profile is taken apart once. */
export function namesDecider(profile: Profile): (values: PatternValues) => HolderNames {
  const subject = profile.subject.map(({ attribute, value }) => {
    const pattern = compilePattern(value);
    const decide = (values: PatternValues): NameAttribute => {
      const filled = pattern.fill(values);
      checkNameValue(attribute, filled);
      return { attribute, value: filled };
    };
    return decidedOnce(pattern, decide);
  });
  const altNames = altNameDeciders(profile.subjectAltName);
  return (values) => ({
    subject: subject.map((decide) => decide(values)),
    altNames: withoutRepetition(altNames.map((decide) => decide(values))),
  });
}

type Decider<T> = (values: PatternValues) => T;

/** What has no field in it is the same for every holder. */
function decidedOnce<T>({ isLiteral }: CompiledPattern, decide: Decider<T>): Decider<T> {
  let decided: T | undefined;
  return isLiteral ? (values) => (decided ??= decide(values)) : decide;
}

function altNameDeciders(wanted: Profile['subjectAltName']): readonly Decider<AltName>[] {
  const { uris, dnsNames, ipAddresses, hardwareModule } = wanted;
  const deciders = (
    patterns: readonly string[],
    toName: (value: string) => AltName,
    encode?: (value: string) => string,
  ) =>
    patterns.map((text) => {
      const pattern = compilePattern(text);
      return decidedOnce(pattern, (values) => toName(pattern.fill(values, encode)));
    });
  return [
    ...deciders(uris, uriName, encodeUriValue),
    ...deciders(dnsNames, hostName),
    ...deciders(ipAddresses, ipName),
    ...(hardwareModule === undefined
      ? []
      : deciders([hardwareModule.serial], (serial) => hardwareModuleName(hardwareModule.type, serial))),
  ];
}

/** A server called localhost would otherwise be named twice. */
const withoutRepetition = (all: readonly AltName[]): readonly AltName[] =>
  all.length < 2
    ? all
    : all.filter(
        ({ kind, value }, i) => all.findIndex((one) => one.kind === kind && one.value === value) === i,
      );

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
