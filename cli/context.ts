// What every command is given: how to talk, where the station is, who is at it.

import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Secret } from '../core/domain/secret.ts';
import { StationError } from '../core/domain/stationError.ts';
import { type DataFolder, dataFolder, defaultDataRoot } from '../core/host/dataFolder.ts';
import { readNewPassphrase, readPassphrase } from './input/passphrase.ts';
import { createOutput, type Output } from './output/output.ts';
import { profilesFolder, targetsFolder } from './resources.ts';

export interface CommandContext {
  readonly output: Output;
  readonly folder: DataFolder;
  readonly operatorName: string;
  readonly interactive: boolean;
  /** The site's own profiles and targets, or the shipped ones. */
  readonly profilesFolder: string;
  readonly targetsFolder: string;
  passphrase(): Promise<Secret>;
  newPassphrase(): Promise<Secret>;
}

interface GlobalOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly operator?: string;
  readonly passphraseFd?: string;
  readonly profiles?: string;
  readonly targets?: string;
}

/** How this command talks; there is no way for it to fail, so that every failure can be told. */
export const outputOf = (command: Command): Output =>
  createOutput(process, command.optsWithGlobals<GlobalOptions>().json === true);

/** Reads the options that all commands share from a command's own and its parents' options. */
export function contextOf(command: Command, output: Output): CommandContext {
  const options = command.optsWithGlobals<GlobalOptions>();
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const source = {
    fileDescriptor: parseFileDescriptor(options.passphraseFd),
    env: process.env,
    interactive,
  };
  return {
    output,
    folder: dataFolder(
      resolve(options.data ?? process.env.KEYLINE_DATA ?? defaultDataRoot(process.platform, process.env)),
    ),
    operatorName: options.operator ?? process.env.KEYLINE_OPERATOR ?? accountName(),
    interactive,
    profilesFolder: options.profiles === undefined ? profilesFolder : resolve(options.profiles),
    targetsFolder: options.targets === undefined ? targetsFolder : resolve(options.targets),
    passphrase: () => readPassphrase(source, 'Passphrase of the authority'),
    newPassphrase: () => readNewPassphrase(source),
  };
}

function parseFileDescriptor(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) throw new StationError('usage', { reason: '--passphrase-fd takes a number' });
  return Number(text);
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
