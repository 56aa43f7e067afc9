// One text for one JSON value, so that it can be hashed and hashed again (RFC 8785).

import type { Json } from '../../domain/run.ts';

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/**
 * Keys sorted by UTF-16 code units (RFC 8785 3.2.3), no white space, numbers and strings as ECMAScript writes them
 * (3.2.2). Throws a RangeError on what JSON cannot say: NaN, infinities, undefined.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError('not a JSON number');
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new RangeError('not a JSON value');
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
