// The `nrf_cloud_cred` command (nRF Connect SDK, nrf_cloud_credentials_shell.c, 2026): a key made by PSA, kept in its secure
// storage under the security tag's number, and requests signed with it. Rows are matched whole: the log says the same words.

import { StationError } from '../../domain/stationError.ts';
import { type CertificationRequest, readCertificationRequest } from '../proof/certificationRequest.ts';
import type { Command } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, ask } from '../zephyr/ask.ts';

const COMMAND = 'nrf_cloud_cred';
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
/** A log line may tear the long row, and bytes may be lost on the way here. */
const REQUEST_ATTEMPTS = 3;

const isFailure = (row: string): boolean =>
  FAILED.test(row) || INVALID_TAG.test(row) || NOT_FOUND.test(row) || /: wrong parameter count$/.test(row);

const namesTag = (pattern: RegExp, securityTag: number) => (row: string) =>
  Number(pattern.exec(row)?.[1] ?? Number.NaN) === securityTag;

function refused(line: LineSession, command: string, rows: readonly string[]): StationError {
  return new StationError('device_refused', { command, reason: line.quote(rows.find(isFailure) ?? '') });
}

/** Throws `capability_missing` where the firmware was built without the command. */
export async function requireDeviceKeys(line: LineSession): Promise<void> {
  const reply = await ask(line, { text: COMMAND });
  if (reply.rows.some((row) => NOT_FOUND.test(row))) {
    throw new StationError('capability_missing', { capability: COMMAND });
  }
}

/** Makes a key in an empty place. Errors: `slot_taken`, `device_refused`. */
export async function generateKey(line: LineSession, securityTag: number): Promise<void> {
  const done = namesTag(GENERATED, securityTag);
  const taken = namesTag(ALREADY_THERE, securityTag);
  const command: Command = {
    text: `${COMMAND} keygen ${securityTag}`,
    isFinal: (row) => done(row) || taken(row) || isFailure(row),
    confirmEcho: true,
  };
  let repeated = false;
  const { rows } = await ask(line, command, () => {
    repeated = true;
  });
  if (rows.some(done)) return;
  if (rows.some(taken)) {
    // The place was empty: the first try arrived although its reply did not.
    if (repeated) return;
    throw new StationError('slot_taken', { securityTag, items: 'privateKey' });
  }
  throw refused(line, command.text, rows);
}

/** Deletes the key; that there is none is as good. */
export async function deleteKey(line: LineSession, securityTag: number): Promise<void> {
  const done = namesTag(DELETED, securityTag);
  const command: Command = {
    text: `${COMMAND} delete ${securityTag}`,
    isFinal: (row) => done(row) || isFailure(row),
    confirmEcho: true,
  };
  const { rows } = await ask(line, command);
  if (!rows.some(done)) throw refused(line, command.text, rows);
}

/**
 * A request for this common name, signed by the device now; undefined where it has no key. A name that nobody could know
 * before makes it a proof that the key is there now. Errors: `device_answer_invalid`, `device_refused`.
 */
export async function signedRequest(
  line: LineSession,
  securityTag: number,
  commonName: string,
): Promise<CertificationRequest | undefined> {
  const command: Command = {
    text: `${COMMAND} csr ${securityTag} CN=${commonName}`,
    isFinal: (row) => row === REQUEST_COMPLETE || isFailure(row),
  };
  for (let attempt = 1; ; attempt += 1) {
    const reply = await ask(line, command);
    const failure = reply.rows.map((row) => FAILED.exec(row)?.[1]).find((number) => number !== undefined);
    if (failure === NO_KEY) return undefined;
    if (reply.rows.some(isFailure)) throw refused(line, command.text, reply.rows);
    try {
      const text = reply.rows.map((row) => REQUEST.exec(row)?.[1]).find((found) => found !== undefined);
      if (text === undefined) throw answerInvalid(line, command, reply);
      const request = readCertificationRequest(Uint8Array.from(Buffer.from(text, 'base64')));
      requireName(request, commonName);
      return request;
    } catch (error) {
      if (attempt >= REQUEST_ATTEMPTS) throw error;
    }
  }
}

/** The signature covers the subject, so an old request cannot stand in for a new one. */
function requireName(request: CertificationRequest, commonName: string): void {
  if (!Buffer.from(request.subjectDer).includes(commonName, 0, 'latin1')) {
    throw new StationError('device_answer_invalid', { what: 'certification request', reason: 'subject' });
  }
}
