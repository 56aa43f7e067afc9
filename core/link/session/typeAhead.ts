// How much may be typed now. A device's receive ring holds a few dozen bytes and is not emptied while a command runs; up
// to a window full of the next line may wait in it meanwhile.

import type { Command } from './exchange.ts';

export const CARRIAGE_RETURN = '\r';
/** Fewer than these are not worth a system call while others are still under way. */
const SMALLEST_WRITE_BYTES = 12;

/** What may be sent now: the rest of the command, then the beginning of the next. */
export function nextPiece(state: {
  readonly command: Command;
  readonly typed: number;
  readonly holdReturn: boolean;
  readonly next: Command | undefined;
  readonly ahead: number;
  readonly room: number;
}): string {
  const { command, next, room } = state;
  const own = state.holdReturn ? command.text : command.text + CARRIAGE_RETURN;
  let pending = own.slice(state.typed);
  const ownComplete = !state.holdReturn;
  if (ownComplete && next !== undefined) {
    const whole = next.confirmEcho === true ? next.text : next.text + CARRIAGE_RETURN;
    pending += whole.slice(state.ahead);
  }
  if (room < Math.min(SMALLEST_WRITE_BYTES, pending.length)) return '';
  return pending.slice(0, Math.max(0, room));
}
