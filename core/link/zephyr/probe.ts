// Questions to a Zephyr shell that change nothing on the device: is it the credential shell, what can it do, who is it,
// what does it hold.

import { type HardwareId, parseHardwareId } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Command } from '../session/exchange.ts';
import { learnEcho, learnPrompt } from '../session/greeting.ts';
import type { LineSession } from '../session/lineSession.ts';
import { answerInvalid, ask } from './ask.ts';
import { countedSize, isRefusal, type ListedCredential, parseList, storedSize } from './replies.ts';
import { clearBuffer } from './upload.ts';

const NOT_FOUND = /^cred: command not found$/;
/** What a list may be asked again before the answer counts as broken: a log line may have torn a row. */
const LIST_ATTEMPTS = 3;
const FILLER = 'A';
const DEVICE_ID = /^ID: 0x([0-9a-fA-F]{1,128})$/;
const VERSION = /^Zephyr version ([\w.+-]{1,64})$/;

const listCommand: Command = {
  text: 'cred list',
  isFinal: (row) => countedSize(row) !== undefined || isRefusal(row),
};

/** Every credential on the device. Errors: `capability_missing` without `cred`, `device_answer_invalid`. */
export async function listCredentials(line: LineSession): Promise<readonly ListedCredential[]> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await ask(line, listCommand);
    if (reply.rows.some((row) => NOT_FOUND.test(row))) {
      throw new StationError('capability_missing', { capability: 'cred' });
    }
    const listed = parseList(reply.rows);
    if (listed !== undefined) return listed;
    if (attempt >= LIST_ATTEMPTS) throw answerInvalid(line, listCommand, reply);
  }
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
    if (!(error instanceof StationError) || error.code !== 'bytes_lost') throw error;
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
  const reply = await ask(line, { text: `log ${state}` });
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
  const subcommands = listedIn((await ask(line, { text: 'cred' })).rows);
  const bufferSubcommands = listedIn((await ask(line, { text: 'cred buf' })).rows);
  return { subcommands, bufferLoad: bufferSubcommands.includes('load') };
}

/** The silicon's own id as `hwinfo` prints it; undefined where the build has no such command. */
export async function readHardwareId(line: LineSession): Promise<HardwareId | undefined> {
  const reply = await ask(line, {
    text: 'hwinfo devid',
    isFinal: (row) => DEVICE_ID.test(row) || isRefusal(row),
  });
  const digits = reply.rows.map((row) => DEVICE_ID.exec(row)?.[1]).find((id) => id !== undefined);
  return digits === undefined ? undefined : parseHardwareId(digits.toLowerCase());
}

export async function readFirmware(line: LineSession): Promise<string | undefined> {
  const reply = await ask(line, {
    text: 'kernel version',
    isFinal: (row) => VERSION.test(row) || isRefusal(row),
  });
  const version = reply.rows.map((row) => VERSION.exec(row)?.[1]).find((text) => text);
  return version === undefined ? undefined : `Zephyr ${version}`;
}

/**
 * How long a line the device takes, up to `longestBytes`: types filler without running it and counts the echo. An
 * over-long line would be cut without a sign and then run.
 */
export async function measureLineLimit(line: LineSession, longestBytes: number): Promise<number> {
  if (!line.echo) return longestBytes;
  const taken = await line.measureEcho('#'.repeat(longestBytes));
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
    const reply = await ask(line, {
      text: `cred buf ${FILLER.repeat(sizeBytes)}`,
      isFinal: (row) => storedSize(row) !== undefined || isRefusal(row),
    });
    if (!reply.rows.some((row) => storedSize(row) === sizeBytes)) break;
    held += sizeBytes;
  }
  await clearBuffer(line);
  return held;
}
