// The real command line in a process of its own: its exit status, what it printed, and its JSON lines as data.

import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PASSPHRASE = 'correct horse battery staple';
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

export interface CliOptions {
  readonly data?: string;
  readonly json?: boolean;
  /** The station's right one unless told otherwise; `null` gives none. */
  readonly passphrase?: string | null;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads; `null` leaves its input open. */
  readonly input?: string | null;
  /** Modules that Node loads first. */
  readonly preload?: readonly string[];
  /** A command in front of Node: `['sh', '-c', 'ulimit -f 8; exec "$@"', 'sh']`. */
  readonly wrapper?: readonly string[];
  readonly userId?: number;
  readonly cwd?: string;
}

export type JsonLine = { readonly event: string; readonly [key: string]: unknown };

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of standard output, read as JSON; throws where one is none. */
  lines(): readonly JsonLine[];
  /** The first line of that kind; throws where there is none. */
  line(event: string): JsonLine;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
  /** Resolves when the output so far matches; rejects when the command ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
}

/** What a command sees of this test's own environment: nothing that would make one machine's run differ from another's. */
function cliEnvironment(options: CliOptions): NodeJS.ProcessEnv {
  const inherited = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'LOCALAPPDATA'];
  const passphrase = options.passphrase === undefined ? PASSPHRASE : options.passphrase;
  return {
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    // Many short processes of the same code.
    NODE_COMPILE_CACHE: join(tmpdir(), 'keyline-test-compile-cache'),
    KEYLINE_OPERATOR: 'tester',
    ...(passphrase === null ? {} : { KEYLINE_PASSPHRASE: passphrase }),
    ...(options.data === undefined ? {} : { KEYLINE_DATA: options.data }),
    ...options.env,
  };
}

export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const { json = true, preload = [], wrapper = [] } = options;
  const imports = preload.flatMap((path) => ['--import', path]);
  const [file = process.execPath, ...before] = [...wrapper, process.execPath];
  const child = spawn(file, [...before, ...imports, MAIN, ...(json ? ['--json'] : []), ...args], {
    stdio: 'pipe',
    env: cliEnvironment(options),
    ...(options.userId === undefined ? {} : { uid: options.userId, gid: options.userId }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  let check = (): void => {};
  const ended = new AbortController();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    check();
  });
  child.stdin.on('error', () => undefined);
  if (options.input !== null) child.stdin.end(options.input ?? '');
  const done = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ended.abort();
      resolve(createResult(code, signal, stdout, stderr));
    });
  });
  return {
    child,
    done,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        check = () => {
          const found = pattern.exec(stdout + stderr);
          if (found !== null) resolve(found);
        };
        ended.signal.addEventListener('abort', () =>
          reject(new Error(`ended without ${pattern}: ${stdout}${stderr}`)),
        );
        check();
      }),
  };
}

/** Runs a command to its end. */
export const cli = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  startCli(args, options).done;

function createResult(
  code: number | null,
  signal: NodeJS.Signals | null,
  stdout: string,
  stderr: string,
): CliResult {
  const lines = (): readonly JsonLine[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JsonLine);
  return {
    code,
    signal,
    stdout,
    stderr,
    lines,
    line(event) {
      const found = lines().find((line) => line.event === event);
      if (found === undefined) throw new Error(`no line of “${event}” in ${stdout}${stderr}`);
      return found;
    },
  };
}
