// What a schema finds wrong, in words for whoever wrote the file: what must stand there, not what a parser received.

import type { z } from 'zod';

const FORMS: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number, without quotes',
  int: 'a whole number, without quotes',
  boolean: 'true or false, without quotes',
  object: 'an object, in braces',
  record: 'an object, in braces',
  array: 'a list, in brackets',
};

/** What a size is counted in; a number counts itself. */
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

function limitWords(bound: 'at least' | 'at most', limit: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `must be ${bound} ${limit}`;
  return bound === 'at least' && Number(limit) === 1 ? 'is empty' : `must have ${bound} ${limit}${unit}`;
}

/** One issue, its field left out. A schema's own words stay as they are. */
export function issueWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (/received undefined$/.test(issue.message)) return 'is missing';
      return `must be ${FORMS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return limitWords('at least', issue.minimum, issue.origin);
    case 'too_big':
      return limitWords('at most', issue.maximum, issue.origin);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    default:
      // "an AT command", "a regular expression"
      return /^an? /.test(issue.message) ? `must be ${issue.message}` : issue.message;
  }
}
