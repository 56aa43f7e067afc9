// Runs tools that may or may not be on this machine; a test that needs one is skipped by its name where it is missing.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const EXTRA_PATH = '/usr/sbin:/sbin';

/** Whether `program` can be started. */
export const hasTool = (program: string, ...versionArguments: readonly string[]): boolean =>
  runTool(program, versionArguments.length > 0 ? versionArguments : ['--version']).error === undefined;

export const runTool = (
  program: string,
  args: readonly string[],
  options: { input?: string | Uint8Array; cwd?: string } = {},
): SpawnSyncReturns<string> =>
  spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:${EXTRA_PATH}`, LC_ALL: 'C', TZ: 'UTC' },
    ...options,
  });

/** Output and error output together; throws with them when the tool failed. */
export function toolOutput(
  program: string,
  args: readonly string[],
  options: { input?: string | Uint8Array; cwd?: string } = {},
): string {
  const { status, stdout, stderr } = runTool(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`);
  return `${stdout}${stderr}`;
}

/** What openssl says of these; throws with it when it refused. */
export const openssl = (...args: readonly string[]): string => toolOutput('openssl', args);

/** A folder for one test file; `write` puts a file there and returns its path. */
export function temporaryFolder(): {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): string;
  remove(): void;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'keyline-'));
  return {
    folder,
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
