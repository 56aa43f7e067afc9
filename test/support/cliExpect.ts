// Commands that a test expects to succeed or to be refused.

import { expect } from 'vitest';
import { EXIT } from '../../cli/exitCodes.ts';
import { type CliOptions, type CliResult, cli } from './cliProcess.ts';

export async function ok(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const result = await cli(args, options);
  expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(EXIT.ok);
  return result;
}

export async function refused(
  args: readonly string[],
  options: CliOptions,
  code: string,
  exit: number = EXIT.refused,
): Promise<CliResult> {
  const result = await cli(args, options);
  expect([result.code, result.line('error').code], result.stdout).toEqual([exit, code]);
  return result;
}
