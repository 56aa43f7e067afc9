// Reads the two forms of time in a certificate, in the one spelling that RFC 5280 4.1.2.5 allows for each.

import { type DerValue, expectTag } from './derReader.ts';
import { TAG } from './derWriter.ts';

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/** Milliseconds since 1970. Throws a RangeError on fractions, offsets, impossible dates, or the wrong form for the year. */
export function readTime(value: DerValue | undefined): number {
  const short = value?.tag === TAG.utcTime;
  const { contents } = expectTag(value, short ? TAG.utcTime : TAG.generalizedTime);
  const text = String.fromCharCode(...contents.subarray(0, 32));
  const fields = (short ? UTC_TIME : GENERALIZED_TIME).exec(text)?.slice(1).map(Number);
  if (fields === undefined || contents.length > 32) throw new RangeError('malformed time');
  const [shownYear = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  // RFC 5280 4.1.2.5.1: 50 to 99 stand for 1950 to 1999.
  const year = short ? shownYear + (shownYear >= 50 ? 1900 : 2000) : shownYear;
  if (!short && year < 2050) throw new RangeError('GeneralizedTime before 2050');
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC carries over: 31 February would become 3 March.
  const kept = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (!kept || date.getUTCMinutes() !== minute || date.getUTCSeconds() !== second)
    throw new RangeError('impossible date');
  return date.getTime();
}
