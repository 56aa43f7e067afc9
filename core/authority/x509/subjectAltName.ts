// What may stand in a subjectAltName: URIs, host names and addresses, each in the only spelling its RFC allows.

import { isIP } from 'node:net';
import { OID } from '../../der/oids.ts';
import { element, explicit, implicit, octetString, oid, sequence } from '../../der/writer.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';

export type AltName =
  | { readonly kind: 'uri'; readonly value: string }
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: string }
  /** RFC 4108 5: `value` is the module's serial, `typeOid` says which kind of module. */
  | { readonly kind: 'hardware-module'; readonly value: string; readonly typeOid: string };

/** RFC 3986 3.1 scheme, then only characters that a URI may hold, a percent sign always with two hex digits. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
/** RFC 1034 3.5, the preferred syntax that RFC 5280 4.2.1.6 demands. */
const HOST =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * Percent-encodes a value for use inside a URI. A value is data and never a delimiter (RFC 3986 2.2), so all but the
 * unreserved characters are encoded; two different values can then never give the same URI.
 */
export function encodeUriValue(value: string): string {
  if (/\p{Surrogate}/u.test(value)) refuse('uri', value, 'ill-formed-unicode');
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function uriName(value: string): AltName {
  return URI.test(value) ? { kind: 'uri', value } : refuse('uri', value, 'alphabet');
}

/** A host name, or an address where a host may be given by one: RFC 9525 2.1 wants it as iPAddress, never as dNSName. */
export function hostName(value: string): AltName {
  if (isIP(value) !== 0) return ipName(value);
  return HOST.test(value) && !/^[0-9.]+$/.test(value)
    ? { kind: 'dns', value }
    : refuse('dns', value, 'alphabet');
}

/** An IPv4 or IPv6 address without a zone. */
export function ipName(value: string): AltName {
  return isIP(value) !== 0 && !value.includes('%') ? { kind: 'ip', value } : refuse('ip', value, 'address');
}

/** A module's serial, printable ASCII, as its octets stand in the certificate. */
export function hardwareModuleName(typeOid: string, value: string): AltName {
  return /^[\x21-\x7e]{1,64}$/.test(value)
    ? { kind: 'hardware-module', value, typeOid }
    : refuse('hardware-module', value, 'alphabet');
}

/** The 4 or 16 octets of an address (RFC 5280 4.2.1.6). `address` has passed {@link ipName}. */
export function addressOctets(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number));
  // An IPv6 address may end in IPv4 notation (RFC 4291 2.2).
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const [a = 0, b = 0, c = 0, d = 0] = (tail?.[2] ?? '').split('.').map(Number);
  const text = tail ? `${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}` : address;
  const [head = '', rest] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(rest ?? '');
  const zeros = rest === undefined ? [] : new Array<number>(8 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** One name in DER (RFC 5280 4.2.1.6). */
export function generalName(name: AltName): Uint8Array {
  switch (name.kind) {
    case 'uri':
      return implicit(6, Buffer.from(name.value, 'latin1'));
    case 'dns':
      return implicit(2, Buffer.from(name.value, 'latin1'));
    case 'ip':
      return implicit(7, addressOctets(name.value));
    case 'hardware-module':
      // RFC 4108 5, as an otherName.
      return element(
        0xa0,
        oid(OID.hardwareModuleName),
        explicit(0, sequence(oid(name.typeOid), octetString(Buffer.from(name.value, 'latin1')))),
      );
  }
}

function refuse(kind: AltName['kind'], value: string, reason: string): never {
  throw new StationError('name_value_invalid', {
    attribute: `subjectAltName ${kind}`,
    value: quoteForDisplay(value),
    reason,
  });
}
