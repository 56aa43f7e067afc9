// How an installation was checked and where its key is, in words.

import { z } from 'zod';
import type { KeyCustody } from '../../core/domain/credential.ts';
import type { Run } from '../../core/domain/run.ts';
import {
  type ItemVerification,
  VERIFICATION_CHECKS,
  type VerificationCheck,
} from '../../core/domain/verification.ts';

const CUSTODY_WORDS: Readonly<Record<KeyCustody, string>> = {
  'on-device': 'on device',
  'station-memory': 'station, memory only',
  file: 'file',
};

export const custodyWords = (custody: KeyCustody | undefined): string =>
  custody === undefined ? '–' : CUSTODY_WORDS[custody];

const ITEM_WORDS: Readonly<Record<string, string>> = {
  ca: 'CA',
  certificate: 'certificate',
  privateKey: 'key',
  username: 'username',
  password: 'password',
};

const WORDS: Readonly<Record<VerificationCheck, string>> = {
  'device-digest': 'device digest',
  'read-back': 'read back',
  'proof-of-possession': 'proof of possession',
  'length-only': 'length only',
  impossible: 'cannot be checked',
};

export const oneCheckWords = (check: VerificationCheck): string => WORDS[check];

/** The checks that were made, each once, in the order of the items. */
export const checkWords = (verification: readonly ItemVerification[]): string =>
  [...new Set(verification.map((item) => WORDS[item.check]))].join(', ');

/** A line that garbles answers is worth mending although the run passed; undefined where it garbled none. */
export function askedAgainWords(count: number): string | undefined {
  if (count === 0) return undefined;
  const answers = count === 1 ? '1 answer was garbled' : `${count} answers were garbled`;
  return `${answers} and asked for again: check cable, plugs and ground. “keyline transcript show” has the places.`;
}

const recordedSchema = z.object({
  items: z.array(z.object({ item: z.string(), check: z.enum(VERIFICATION_CHECKS) })),
  handshake: z.object({ protocol: z.string() }).nullish(),
  handshakeLeftOut: z.string().optional(),
  afterReboot: z.object({ restartedBy: z.string() }).optional(),
});

/** What the record of a run says of its checks; undefined where it did not get that far. */
export function recordedChecks(run: Run): string | undefined {
  const evidence = run.phases.find(({ phase }) => phase === 'verify')?.evidence;
  const parsed = recordedSchema.safeParse(evidence);
  if (!parsed.success) return undefined;
  const { items, handshake, handshakeLeftOut, afterReboot } = parsed.data;
  return [
    `Checked: ${items.map(({ item, check }) => `${ITEM_WORDS[item] ?? item} by ${WORDS[check]}`).join(', ')}`,
    ...(handshake ? [`${handshake.protocol} handshake`] : []),
    ...(handshakeLeftOut === undefined ? [] : [`no handshake by the station: ${handshakeLeftOut}`]),
    ...(afterReboot === undefined ? [] : [`again after a restart by ${afterReboot.restartedBy}`]),
  ].join('; ');
}
