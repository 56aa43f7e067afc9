// The ways of making key and certificate that are measured against each other. Each runs in processes of its own, bound to
// one core where the machine can do that, and returns certificates per second of wall clock and of processor time.

import { spawnSync } from 'node:child_process';

export interface Rate {
  readonly perSecondWall: number;
  /** Of user and system time, which other programs on the machine disturb far less. */
  readonly perSecondProcessor: number;
}

export interface Contender {
  readonly name: string;
  /** The multiple of the reference that is wanted, of processor time. */
  readonly wanted?: number | undefined;
  /** Undefined when the tool is not on this machine. */
  run(): Rate | undefined;
}

const CORE = '0';
const CAN_BIND = spawnSync('taskset', ['-c', CORE, 'true']).status === 0;

interface Finished {
  readonly stdout: string;
  readonly wallSeconds: number;
}

/** Undefined when the program is missing or fails. */
function runProgram(
  folder: string,
  command: readonly string[],
  cores: 'one core' | 'all cores',
): Finished | undefined {
  const [program = '', ...args] =
    CAN_BIND && cores === 'one core' ? ['taskset', '-c', CORE, ...command] : command;
  const startedMs = performance.now();
  const { status, stdout } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? { stdout, wallSeconds: (performance.now() - startedMs) / 1000 } : undefined;
}

/** Our batch path whole; see keylineProcess.ts. */
export function keylineContender(
  name: string,
  folder: string,
  options: {
    readonly count: number;
    readonly verifySignatures: boolean;
    readonly threads: number;
    readonly wanted?: number | undefined;
  },
): Contender {
  const script = new URL('keylineProcess.ts', import.meta.url).pathname;
  const { count, threads, wanted } = options;
  const check = options.verifySignatures ? 'verify' : 'trust';
  return {
    name,
    wanted,
    run() {
      const command = [process.execPath, script, folder, String(count), String(threads), check];
      const done = runProgram(folder, command, threads > 0 ? 'all cores' : 'one core');
      if (done === undefined) throw new Error('the batch failed');
      const { wallSeconds, processorSeconds } = JSON.parse(done.stdout);
      return { perSecondWall: count / wallSeconds, perSecondProcessor: count / processorSeconds };
    },
  };
}

/** Debian's python3-cryptography. */
export function pythonContender(folder: string, count: number): Contender {
  const script = new URL('pythonCryptography.py', import.meta.url).pathname;
  return {
    name: 'python3-cryptography',
    run() {
      const command = ['/usr/bin/python3', script, 'ca.pem', 'ca.key', String(count), 'python.out'];
      const done = runProgram(folder, command, 'one core');
      if (done === undefined) return undefined;
      const [wall = Number.NaN, processor = Number.NaN] = done.stdout.trim().split(' ').map(Number);
      return { perSecondWall: count / wall, perSecondProcessor: count / processor };
    },
  };
}

/** A second of the form that the shell's `times` prints: `0m1.234000s`. */
function secondsOf(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Commands that are started for every device, from a shell that counts the time of its children (POSIX `times`). */
function commandContender(
  name: string,
  folder: string,
  count: number,
  commands: readonly string[],
): Contender {
  const script = `i=0; while [ $i -lt ${count} ]; do { ${commands.join(' && ')}; } >/dev/null 2>&1 || exit 1; i=$((i+1)); done; times`;
  return {
    name,
    run() {
      const done = runProgram(folder, ['sh', '-c', script], 'one core');
      if (done === undefined) return undefined;
      const [user = '', system = ''] = done.stdout.trim().split('\n').at(-1)?.split(/\s+/) ?? [];
      return {
        perSecondWall: count / done.wallSeconds,
        perSecondProcessor: count / (secondsOf(user) + secondsOf(system)),
      };
    },
  };
}

/** openssl: key and request in one process, the certificate in a second. */
export const opensslContender = (folder: string, count: number): Contender =>
  commandContender('openssl command', folder, count, [
    'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout o.key -subj /O=Acme/CN=SN-1 -out o.csr',
    'openssl x509 -req -in o.csr -CA ca.pem -CAkey ca.key -days 365 -extfile leaf.cnf -out o.pem',
  ]);

export const cfsslContender = (folder: string, count: number): Contender =>
  commandContender('cfssl command', folder, count, [
    'cfssl gencert -ca ca.pem -ca-key ca-sec1.key -config cfssl.json csr.json',
  ]);
