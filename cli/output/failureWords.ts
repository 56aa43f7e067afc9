// Turns a failure into the two sentences that the operator reads. The words are those of the window, with the command
// line's own advice where a flag is the answer.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DetailTables,
  describeFailure,
  detailWords,
  type FailureTemplate,
  type FailureTexts,
  failureTemplate,
  fillText,
} from '../../core/contract/failureText.ts';
import type { SerialProblem, SerialRowProblem } from '../../core/domain/serialList.ts';
import type { ErrorCode, StationError } from '../../core/domain/stationError.ts';
import { resourcesFolder } from '../resources.ts';

type Words = FailureTexts<ErrorCode> &
  DetailTables & {
    readonly orders: { readonly rowProblems: Readonly<Record<SerialRowProblem, string>> };
  };

let words: Words | undefined;
const loadWords = (): Words => {
  words ??= JSON.parse(readFileSync(join(resourcesFolder, 'text', 'en.json'), 'utf8')) as Words;
  return words;
};

/** What to do next at a command line, where it differs from the window's advice. */
const COMMAND_LINE_ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  already_provisioned:
    'Put it with the finished units, or give it a new credential: with --replace in a run, or with keyline renew.',
  slot_taken: 'If that may be overwritten, run again with --replace; otherwise put the unit aside.',
  password_taken: 'Run with --replace, or withdraw it first with: keyline password revoke {username}',
  authority_missing: 'Make one with: keyline init --site "Your site"',
  authority_exists: 'Use it as it is, or name another data folder with --data.',
  station_missing: 'Make one with: keyline init --site "Your site", or name its data folder with --data.',
  inventory_older: 'Bring it up to date, once, with: keyline inventory upgrade',
  passphrase_missing: 'Type it at the prompt, set KEYLINE_PASSPHRASE, or pass --passphrase-fd.',
  profile_unknown: 'Choose one of: {known}.',
  target_unknown: 'Choose one of: {known}.',
  batch_output_foreign: 'Give the --out that the batch was begun with; a new batch begins a new file.',
  order_exists: 'Choose another name, or see what it is with: keyline order show',
  file_invalid: 'Correct the file, then give the command again.',
  order_unknown: 'List the orders with: keyline order list',
  backup_unknown: 'Name the backup’s file, or list those of this station with: keyline backup list',
  backup_foreign: 'Restore it into a data folder of its own, with --data. Nothing was changed.',
  port_missing: 'Plug the device in and look it up with: keyline ports',
  port_listing_unavailable: 'Name the port yourself with --port; keyline doctor says what is missing.',
  request_missing:
    'Name the issuing CA that the request was for (--ca), or make a request: keyline ceremony request.',
  root_elsewhere:
    'Carry a request to the root’s machine and its chain back: keyline ceremony request, sign and install, then keyline authority use.',
  station_locked: 'Close the other Keyline (process {pid}), or name another data folder with --data.',
};

/** The same where what happened has a meaning of its own. */
const MEANING_ADVICE: ReadonlyMap<unknown, string> = new Map([
  [
    'import-password-missing',
    'Give its password by a file descriptor: --import-passphrase-fd 3 3<password.txt',
  ],
]);

/** What is wrong with a row of a list of device serials, in words. */
export const rowProblemWords = ({ problem, otherRow }: SerialProblem): string =>
  fillText(loadWords().orders.rowProblems[problem], { row: otherRow });

/** The sentences for one failure. */
export function failureWords(error: Pick<StationError, 'code' | 'details'>): FailureTemplate {
  const template = failureTemplate(loadWords(), error.code, error.details);
  const next = MEANING_ADVICE.get(error.details.meaning) ?? COMMAND_LINE_ADVICE[error.code] ?? template.next;
  return describeFailure({ what: template.what, next }, error.details, detailWords(loadWords()));
}
