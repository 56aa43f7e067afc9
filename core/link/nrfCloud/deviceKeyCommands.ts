// The `nrf_cloud_cred` command (nRF Connect SDK, nrf_cloud_credentials_shell.c, 2026): a key made by PSA, kept in its secure
// storage under the security tag's number, and requests signed with it. Rows are matched whole: the log says the same words.

import { StationError } from '../../domain/stationError.ts';
import { type CertificationRequest, readCertificationRequest } from '../proof/certificationRequest.ts';
import type { Command, Reply } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, ask, order } from '../zephyr/ask.ts';

const COMMAND = 'nrf_cloud_cred';
/** The profile decides the certificate's subject; this one only has to be there. */
export const PROBE_NAME = 'keyline';
const NOT_FOUND = /^nrf_cloud_cred: command not found$/;
const GENERATED = /^Generated device key in sec tag (\d{1,10})$/;
const ALREADY_THERE = /^Key already exists in sec tag (\d{1,10})\. /;
const DELETED = /^Deleted device key in sec tag (\d{1,10})$/;
const REQUEST = /^CSR: ([A-Za-z0-9+/]{64,700}={0,2})$/;
const REQUEST_COMPLETE = 'CSR generation complete';
const FAILED = /^(?:Key generation|Key deletion|CSR generation|Base64 encoding) failed: (-?\d{1,6})$/;
const INVALID_TAG = /^Invalid sec tag: /;
/** EIO: PSA has no such key. */
const NO_KEY = '-5';

const isFailure = (row: string): boolean =>
  FAILED.test(row) || INVALID_TAG.test(row) || NOT_FOUND.test(row) || /: wrong parameter count$/.test(row);

const namesTag = (pattern: RegExp, securityTag: number) => (row: string) =>
  Number(pattern.exec(row)?.[1] ?? Number.NaN) === securityTag;

/** A failure in the command's own words, or an answer that is none. */
function notDone(line: LineSession, command: Command, reply: Reply): StationError {
  const failure = reply.rows.find(isFailure);
  if (failure === undefined) return answerInvalid(line, command, reply);
  return new StationError('device_refused', { command: command.text, reason: line.quote(failure) });
}

/** Throws `capability_missing` where the firmware was built without the command. */
export function requireDeviceKeys(line: LineSession): Promise<void> {
  return ask(line, { text: COMMAND }, ({ rows }) => {
    if (!rows.some((row) => NOT_FOUND.test(row))) return;
    throw new StationError('capability_missing', { capability: COMMAND });
  });
}

/** Makes a key in an empty place. Errors: `slot_taken`, `device_refused`, `device_answer_invalid`. */
export async function generateKey(line: LineSession, securityTag: number): Promise<void> {
  const done = namesTag(GENERATED, securityTag);
  const taken = namesTag(ALREADY_THERE, securityTag);
  const command: Command = {
    text: `${COMMAND} keygen ${securityTag}`,
    isFinal: (row) => done(row) || taken(row) || isFailure(row),
  };
  const generate = async (): Promise<void> => {
    const reply = await order(line, command);
    if (reply.rows.some(done)) return;
    if (reply.rows.some(taken)) throw new StationError('slot_taken', { securityTag, items: 'privateKey' });
    throw notDone(line, command, reply);
  };
  await line.questions.order(command.text, generate, () => hasKey(line, securityTag));
}

/** Deletes the key; that there is none is as good. */
export async function deleteKey(line: LineSession, securityTag: number): Promise<void> {
  const done = namesTag(DELETED, securityTag);
  const command: Command = {
    text: `${COMMAND} delete ${securityTag}`,
    isFinal: (row) => done(row) || isFailure(row),
  };
  const remove = async (): Promise<void> => {
    const reply = await order(line, command);
    if (!reply.rows.some(done)) throw notDone(line, command, reply);
  };
  await line.questions.order(command.text, remove, async () => !(await hasKey(line, securityTag)));
}

/** Any name will do to see whether there is a key to sign with. */
const hasKey = async (line: LineSession, securityTag: number): Promise<boolean> =>
  (await signedRequest(line, securityTag, PROBE_NAME)) !== undefined;

/**
 * A request for this common name, signed by the device now; undefined where it has no key. A name that nobody could know
 * before makes it a proof that the key is there now. Errors: `device_answer_invalid`, `device_refused`.
 */
export function signedRequest(
  line: LineSession,
  securityTag: number,
  commonName: string,
): Promise<CertificationRequest | undefined> {
  const command: Command = {
    text: `${COMMAND} csr ${securityTag} CN=${commonName}`,
    isFinal: (row) => row === REQUEST_COMPLETE || isFailure(row),
  };
  return ask(line, command, (reply) => {
    const failure = reply.rows.map((row) => FAILED.exec(row)?.[1]).find((number) => number !== undefined);
    if (failure === NO_KEY) return undefined;
    if (reply.rows.some(isFailure)) throw notDone(line, command, reply);
    // A log line may tear the long row.
    const text = reply.rows.map((row) => REQUEST.exec(row)?.[1]).find((found) => found !== undefined);
    if (text === undefined) throw answerInvalid(line, command, reply);
    const request = readCertificationRequest(Uint8Array.from(Buffer.from(text, 'base64')));
    requireName(request, commonName);
    return request;
  });
}

/** The signature covers the subject, so an old request cannot stand in for a new one. */
function requireName(request: CertificationRequest, commonName: string): void {
  if (!Buffer.from(request.subjectDer).includes(commonName, 0, 'latin1')) {
    throw new StationError('device_answer_invalid', { what: 'certification request', reason: 'subject' });
  }
}
