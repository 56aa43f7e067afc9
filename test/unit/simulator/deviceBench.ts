// A device on the bench: in this process, under a clock that only the test moves.

import { type DevicePipe, openInProcess } from '../../../core/simulator/host/inProcess.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';

export interface DeviceBench {
  readonly pipe: DevicePipe;
  /** Sends text (one character per byte), waits, and returns what came back since the last call. */
  send(text: string, waitMs?: number): string;
  /** Lets time pass in one step and returns what came back. */
  wait(waitMs: number): string;
  /** Lets time pass in steps, as a host's timer would. */
  waitInSteps(waitMs: number, stepMs: number): string;
  nowUs(): number;
}

const LINE_PAUSE_MS = 1;

export function openBench(options: DeviceOptionsInput = {}, statePath?: string): DeviceBench {
  let nowUs = 0;
  let received = '';
  const pipe = openInProcess(
    { lineRate: 'instant', bootDelayMs: 0, ...options },
    { clock: { nowUs: () => nowUs }, ...(statePath === undefined ? {} : { statePath }) },
  );
  pipe.onData((bytes) => {
    received += Buffer.from(bytes).toString('latin1');
  });
  const take = (): string => {
    const text = received;
    received = '';
    return text;
  };
  const wait = (waitMs: number): string => {
    nowUs += waitMs * 1_000;
    pipe.board.advance();
    return take();
  };
  // What the device says by itself while booting was sent before anybody could listen.
  return {
    pipe,
    nowUs: () => nowUs,
    wait,
    waitInSteps: (waitMs, stepMs) => {
      let text = '';
      for (let passedMs = 0; passedMs < waitMs; passedMs += stepMs) text += wait(stepMs);
      return text;
    },
    send: (text, waitMs = LINE_PAUSE_MS) => {
      pipe.write(new Uint8Array(Buffer.from(text, 'latin1')));
      return wait(waitMs);
    },
  };
}

/** Only the text: without escape codes. */
export function plain(text: string): string {
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replace(/\x1b[78]/g, '');
}

/** Sends text in pieces that any receive ring holds. */
export function pace(bench: DeviceBench, text: string): string {
  let answer = '';
  for (let from = 0; from < text.length; from += 32) answer += bench.send(text.slice(from, from + 32));
  return answer;
}

/** Sends a command and returns its answer without echo, codes and prompt. */
export function ask(bench: DeviceBench, command: string): string {
  const answer = plain(pace(bench, command) + bench.send('\r'));
  // The echo is wrapped after each full row of 80, the prompt's 8 counted; a line that fills its row gets no further CR LF.
  const columns = command.length + 8;
  const start = command.length + 2 * Math.ceil((columns + 1) / 80 - (columns % 80 === 0 ? 1 : 0));
  return answer.slice(start).replace(/uart:~\$ $/, '');
}
