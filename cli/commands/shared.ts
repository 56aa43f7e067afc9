// Option readers and the frame that commands share.

import { type Command, InvalidArgumentError } from 'commander';
import { asStationError } from '../../core/domain/stationError.ts';
import { type CommandContext, contextOf, outputOf } from '../context.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exitCodes.ts';

/** Runs a command's body, prints what went wrong in the operator's words and sets the exit status. */
export function action<Arguments extends readonly unknown[]>(
  body: (context: CommandContext, ...parameters: Arguments) => Promise<ExitCode> | ExitCode,
): (...parameters: [...Arguments, Command]) => Promise<void> {
  return async (...parameters) => {
    const command = parameters.at(-1) as Command;
    const output = outputOf(command);
    try {
      const context = contextOf(command, output);
      process.exitCode = await body(context, ...(parameters.slice(0, -1) as unknown as Arguments));
    } catch (thrown) {
      output.failure(thrown);
      process.exitCode = exitCodeOf(asStationError(thrown));
    }
  };
}

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number from 0');
  return Number(text);
}

/** More threads than any machine here has cores would only take its memory. */
export function threadNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value > 256) throw new InvalidArgumentError('a number from 0 to 256');
  return value;
}

/** A TCP port; 0 lets the system choose. */
export function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('a number from 0 to 65535');
  return value;
}

export const dateTime = (atMs: number): string => new Date(atMs).toISOString().replace('T', ' ').slice(0, 19);
export { EXIT, type ExitCode };
