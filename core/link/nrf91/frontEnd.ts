// The two front ends through which an nRF91's modem is reached, and how to tell which one is listening.

import { StationError } from '../../domain/stationError.ts';
import { type AtFrontEnd, type AtLine, firstMatch, plainFrontEnd } from '../at/atLine.ts';

export type FrontEndName = 'at-host' | 'at-shell';

/** IMEI: 15 digits (3GPP TS 23.003 6.2). */
export const IMEI = /^(\d{15})$/;
const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;
const PROMPT = /^[A-Za-z0-9_-]+:~\$ ?/;
/** Half the shell's default receive ring of 64 bytes. */
const SHELL_WINDOW_BYTES = 32;

/**
 * A Zephyr shell with the `at` command. The whole command stands in single quotes, without CR and with LF as backslash-n,
 * which firmware built with CONFIG_AT_SHELL_UNESCAPE_LF turns into CR LF.
 */
export const shellFrontEnd: AtFrontEnd = {
  // Ctrl-C: the shell drops the line.
  clear: Uint8Array.of(0x03),
  encode(command) {
    const bytes = [...Buffer.from("at '", 'latin1')];
    for (const byte of command) {
      if (byte === 0x0a) bytes.push(0x5c, 0x6e);
      else if (byte !== 0x0d) bytes.push(byte);
    }
    const encoded = Buffer.from([...bytes, 0x27, 0x0d]);
    bytes.fill(0);
    return encoded;
  },
  clean(line) {
    const text = line.replace(ANSI, '');
    // What stands after a prompt is what we typed.
    return PROMPT.test(text) ? undefined : text;
  },
  windowBytes: SHELL_WINDOW_BYTES,
  isReady: (partial) => PROMPT.test(`${partial.replace(ANSI, '').trim()} `),
};

/** The same modem asked twice: `at AT+CGSN` is an error to at_host and the IMEI in the shell. */
export async function detectFrontEnd(line: AtLine, terminator: string): Promise<FrontEndName> {
  line.frontEnd = plainFrontEnd(terminator);
  let listening = await probe(line, 'at AT+CGSN');
  if (listening === 'answered') {
    // Neither an IMEI nor a refusal: noise, and the wrong front end would be met with silence.
    line.questions.record('at AT+CGSN', 'device_answer_invalid');
    listening = await probe(line, 'at AT+CGSN');
  }
  if (listening === 'imei') return 'at-shell';
  if (listening === 'refused') return 'at-host';
  // Nothing: at_host inside an unbalanced quote that an earlier program left open. A quote ends it.
  const recovered = await probe(line, '"');
  if (recovered !== 'nothing' || (await probe(line, 'AT')) !== 'nothing') return 'at-host';
  throw new StationError('device_silent', { awaited: 'AT+CGSN', waitedMs: line.stream.answerMs });
}

async function probe(line: AtLine, command: string): Promise<'imei' | 'refused' | 'answered' | 'nothing'> {
  try {
    const answer = await line.exchange(command);
    if (answer.failure !== undefined) return 'refused';
    return firstMatch(
      answer.lines.map((text) => text.replace(ANSI, '')),
      IMEI,
    ) === undefined
      ? 'answered'
      : 'imei';
  } catch (error) {
    if (error instanceof StationError && error.code === 'device_silent') return 'nothing';
    throw error;
  }
}
