// Questions to a Zephyr shell that change nothing on the device: is it the credential shell, what can it do, who is it,
// what does it hold.

import { type HardwareId, parseHardwareId } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Command } from '../session/exchange.ts';
import { learnEcho, learnPrompt } from '../session/greeting.ts';
import type { LineSession } from '../session/lineSession.ts';
import { isGarbled } from '../session/questions.ts';
import { answerInvalid, ask, order } from './ask.ts';
import { countedSize, isRefusal, type ListedCredential, parseList, storedSize } from './replies.ts';
import { clearBuffer } from './upload.ts';

const NOT_FOUND = /^cred: command not found$/;
const FILLER = 'A';
const DEVICE_ID = /^ID: 0x([0-9a-fA-F]{1,128})$/;
/** What `hwinfo` and the shell say where there is no such number (Zephyr 4.3.0, hwinfo_shell.c). */
const NO_DEVICE_ID =
  /^(?:Not (?:supported by hardware|implemented)|Error: -?\d{1,6}|Please specify a subcommand\.)$/;
const VERSION = /^Zephyr version ([\w.+-]{1,64})$/;

const listCommand: Command = {
  text: 'cred list',
  isFinal: (row) => countedSize(row) !== undefined || isRefusal(row),
};

/** Every credential on the device. Errors: `capability_missing` without `cred`, `device_answer_invalid`. */
export function listCredentials(line: LineSession): Promise<readonly ListedCredential[]> {
  return ask(line, listCommand, (reply) => {
    if (reply.rows.some((row) => NOT_FOUND.test(row))) {
      throw new StationError('capability_missing', { capability: 'cred' });
    }
    const listed = parseList(reply.rows);
    if (listed === undefined) throw answerInvalid(line, listCommand, reply);
    return listed;
  });
}

/**
 * The first words: learns prompt and echo and checks that the credential shell answers. Errors: `device_silent`,
 * `device_babbles`, `device_login_required`, `capability_missing`, and `device_protocol_unknown` for anything else.
 */
export async function meetCredentialShell(line: LineSession): Promise<void> {
  await learnPrompt(line);
  try {
    await learnEcho(line, listCommand);
  } catch (error) {
    if (!isGarbled(error)) throw error;
    line.questions.record(listCommand.text, error.code);
    await line.interrupt({ settle: true });
  }
  try {
    await listCredentials(line);
  } catch (error) {
    if (error instanceof StationError && ['device_answer_invalid', 'bytes_lost'].includes(error.code)) {
      throw new StationError('device_protocol_unknown', { sample: String(error.details.value ?? '') });
    }
    throw error;
  }
}

/** Without echo nothing paces a long line. A build without the `shell` command stays as it is. */
export async function switchEcho(line: LineSession, state: 'on' | 'off'): Promise<void> {
  await line.run({ text: `shell echo ${state}` });
  if (state === 'on') await learnEcho(line, listCommand);
}

/**
 * Stops the log, which may interrupt a long line so often that the device does nothing but redraw it. False where the build
 * has no such command.
 */
export async function switchLog(line: LineSession, state: 'halt' | 'go'): Promise<boolean> {
  const reply = await order(line, { text: `log ${state}` });
  return !reply.rows.some(isRefusal);
}

export interface ShellCapabilities {
  readonly subcommands: readonly string[];
  readonly bufferLoad: boolean;
}

/** Reads the help of `cred` and `cred buf`; a build without help texts shows none and loses nothing by it. */
export async function readCapabilities(line: LineSession): Promise<ShellCapabilities> {
  const listedIn = (rows: readonly string[]): readonly string[] =>
    rows.flatMap((row) => /^\s+([a-z_]{2,16})\s*:/.exec(row)?.[1] ?? []);
  const subcommands = await ask(line, { text: 'cred' }, ({ rows }) => listedIn(rows));
  const bufferSubcommands = await ask(line, { text: 'cred buf' }, ({ rows }) => listedIn(rows));
  return { subcommands, bufferLoad: bufferSubcommands.includes('load') };
}

/** The silicon's own id as `hwinfo` prints it; undefined where the build has no such command. */
export function readHardwareId(line: LineSession): Promise<HardwareId | undefined> {
  const isAbsent = (row: string): boolean => isRefusal(row) || NO_DEVICE_ID.test(row);
  const command = { text: 'hwinfo devid', isFinal: (row: string) => DEVICE_ID.test(row) || isAbsent(row) };
  return ask(line, command, (reply) => {
    const digits = reply.rows.map((row) => DEVICE_ID.exec(row)?.[1]).find((id) => id !== undefined);
    if (digits !== undefined) return parseHardwareId(digits.toLowerCase());
    if (reply.rows.some(isAbsent)) return undefined;
    throw answerInvalid(line, command, reply);
  });
}

/** For the record only: a build that calls its version something else is none the worse. */
export function readFirmware(line: LineSession): Promise<string | undefined> {
  const command = {
    text: 'kernel version',
    isFinal: (row: string) => VERSION.test(row) || isRefusal(row),
  };
  return ask(line, command, ({ rows }) => {
    const version = rows.map((row) => VERSION.exec(row)?.[1]).find((text) => text);
    return version === undefined ? undefined : `Zephyr ${version}`;
  });
}

const MEASURE_AGAIN = 2;

/**
 * How long a line the device takes, up to `longestBytes`: types filler without running it and counts the echo. An
 * over-long line would be cut without a sign and then run.
 */
export async function measureLineLimit(line: LineSession, longestBytes: number): Promise<number> {
  if (!line.echo) return longestBytes;
  const filler = '#'.repeat(longestBytes);
  let taken = await line.measureEcho(filler);
  // Echo that stops early is a shorter line only if it stops there again: a busy computer or device pauses anywhere.
  for (let again = 0; taken < filler.length && again < MEASURE_AGAIN; again += 1) {
    const second = await line.measureEcho(filler);
    if (second === taken) break;
    taken = Math.max(taken, second);
  }
  if (taken < 32) throw new StationError('device_protocol_unknown', { sample: `line limit ${taken}` });
  return taken;
}

/** Fills the credential buffer with filler to see that it holds what the target says; returns what it holds at least. */
export async function measureBuffer(
  line: LineSession,
  expectedBytes: number,
  lineLimitBytes: number,
): Promise<number> {
  await clearBuffer(line);
  const longest = (line.echo ? lineLimitBytes : line.windowBytes - 1) - 'cred buf '.length;
  let held = 0;
  while (held < expectedBytes) {
    const sizeBytes = Math.min(longest, expectedBytes - held);
    const reply = await order(line, {
      text: `cred buf ${FILLER.repeat(sizeBytes)}`,
      isFinal: (row) => storedSize(row) !== undefined || isRefusal(row),
    });
    if (!reply.rows.some((row) => storedSize(row) === sizeBytes)) break;
    held += sizeBytes;
  }
  await clearBuffer(line);
  return held;
}
