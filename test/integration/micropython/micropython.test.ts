import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { micropythonDriver } from '../../../core/link/micropython/micropythonDriver.ts';
import {
  type BoardOptions,
  defaultBoard,
  type Interpreter,
  MicropythonBoard,
  type Outcome,
} from '../../../core/simulator/micropython/board.ts';
import {
  defaultSmallInterpreter,
  SmallInterpreter,
  type SmallInterpreterOptions,
} from '../../../core/simulator/micropython/smallInterpreter.ts';
import {
  bareTarget,
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';

const target = (options: Record<string, unknown> = {}, answerMs = 800) =>
  bareTarget('micropython', answerMs, options);
const boardOf =
  (interpreter: Interpreter, options: Partial<BoardOptions> = {}) =>
  (send: (bytes: Uint8Array) => void) =>
    new MicropythonBoard(interpreter, { ...defaultBoard, ...options }, send);
const small = (options: Partial<SmallInterpreterOptions> = {}) =>
  new SmallInterpreter({ ...defaultSmallInterpreter, ...options });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** CPython with MicroPython's `machine` added: it judges whether what the driver sends is Python. */
class RealPython implements Interpreter {
  readonly #process: ChildProcess;
  readonly #waiting: ((outcome: Outcome) => void)[] = [];

  constructor() {
    const loop = [
      'import sys,json,io,types,contextlib,traceback',
      "m=types.ModuleType('machine');m.unique_id=lambda:bytes.fromhex('0102030405060708');sys.modules['machine']=m",
      'g={}',
      'for line in sys.stdin:',
      ' out=io.StringIO();err=""',
      ' with contextlib.redirect_stdout(out):',
      '  try:exec(compile(json.loads(line),"<stdin>","exec"),g)',
      '  except Exception:err=traceback.format_exc()',
      ' print(json.dumps([out.getvalue(),err]),flush=True)',
    ].join('\n');
    this.#process = spawn('python3', ['-c', loop], { stdio: ['pipe', 'pipe', 'ignore'] });
    createInterface({ input: this.#process.stdout ?? process.stdin }).on('line', (line) => {
      const [output, failed] = JSON.parse(line) as [string, string];
      this.#waiting.shift()?.({ output, failure: failed });
    });
  }

  run(code: string): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#process.stdin?.write(`${JSON.stringify(code)}\n`);
    });
  }

  restart(): void {}
  replace(): void {}
  stop(): void {
    this.#process.kill();
  }
}

const authority = leafAuthority();

describe('MicroPython', () => {
  it('keeps out of the transcript what a failing board quotes of a key', async () => {
    const interpreter = small();
    const quoting: Interpreter = {
      run: (code) =>
        code.startsWith("w(b'")
          ? { output: '', failure: `Traceback\r\nMemoryError: ${code}` }
          : interpreter.run(code),
      restart: () => interpreter.restart(),
      replace: () => interpreter.replace(),
    };
    const transcript = new Transcript();
    const session = await openInMemory(micropythonDriver, target(), memoryPipe(boardOf(quoting)).pipe, {
      transcript,
    });
    const error = await failure(runCycle(session, authority()));
    expect(error).toMatchObject({ code: 'device_refused', details: { reason: 'MemoryError' } });
    expect(transcript.text).not.toContain('\\x');
    await session.close();
  });

  it('stores three files over a pseudo-terminal and has the board hash them', async () => {
    const interpreter = small();
    const { portPath, unplug } = await plugIn(boardOf(interpreter));
    const transcript = new Transcript();
    const session = await openOnPort(micropythonDriver, target(), portPath, { transcript });
    try {
      const result = await runCycle(session, authority());
      expect(result.identity).toMatchObject({
        hardwareId: 'uid:e660583883724a32',
        firmware: 'micropython 1.24.1 rp2',
        capabilities: { digest: true, rawPaste: true },
        occupied: [],
      });
      expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('device-digest'));
      expect(interpreter.files.get('/cert.der')?.equals(result.certificateDer)).toBe(true);
      const key = interpreter.files.get('/key.der') ?? Buffer.alloc(0);
      expect(sha256(key)).toBe(result.verifications[2]?.actualSha256);
      expect(transcript.text).not.toContain(key.toString('hex').slice(20, 60));
      expect(transcript.text).not.toContain('\\x');
    } finally {
      await session.close();
      unplug();
    }
  });

  it.each([
    ['refused', { rawPaste: 'refused' }],
    ['unknown', { rawPaste: 'unknown' }],
    ['with a window of one byte', { windowBytes: 1 }],
    ['with a window of 31 bytes', { windowBytes: 31 }],
    ['with a large window', { windowBytes: 4_096 }],
  ] as const)('gets along with raw-paste %s', async (_, options) => {
    const interpreter = small();
    const session = await openInMemory(
      micropythonDriver,
      target(),
      memoryPipe(boardOf(interpreter, options)).pipe,
    );
    const result = await runCycle(session, authority());
    expect(interpreter.files.get('/cert.der')?.equals(result.certificateDer)).toBe(true);
    await session.close();
  });

  it('reads files back where there is no hashlib, and shows nothing of them', async () => {
    const transcript = new Transcript();
    const interpreter = small({ hashlib: false });
    const session = await openInMemory(micropythonDriver, target(), memoryPipe(boardOf(interpreter)).pipe, {
      transcript,
    });
    const result = await runCycle(session, authority());
    expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('read-back'));
    expect(transcript.text).not.toContain(interpreter.files.get('/key.der')?.toString('hex').slice(20, 40));
  });

  it.each([
    ['a full file system', { capacityBytes: 500 }, 'device_store_full', undefined],
    ['a read-only drive', { readOnly: true }, 'device_refused', 'read-only-file-system'],
  ] as const)('says so: %s', async (_, options, code, meaning) => {
    const session = await openInMemory(micropythonDriver, target(), memoryPipe(boardOf(small(options))).pipe);
    const error = await failure(runCycle(session, authority()));
    expect(error.code).toBe(code);
    expect(error.details.meaning).toBe(meaning);
  });

  it('is told apart from a program that holds the line', async () => {
    const { pipe } = memoryPipe(boardOf(small(), { holdsLine: true }));
    expect((await failure(openInMemory(micropythonDriver, target(), pipe))).code).toBe('device_silent');
  });

  it('replaces only when told to, and stops for a swapped board or a changed file', async () => {
    const interpreter = small();
    const { pipe, device } = memoryPipe(boardOf(interpreter));
    const session = await openInMemory(micropythonDriver, target(), pipe);
    await runCycle(session, authority());
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
    const change = () => interpreter.files.get('/ca.der')?.fill(0, 10, 20);
    expect((await failure(runCycle(session, authority(), { beforeVerify: change }))).code).toBe(
      'verification_mismatch',
    );
    const swap = () => device.swap();
    expect((await failure(runCycle(session, authority(), { beforeInstall: swap }))).code).toBe(
      'device_changed',
    );
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('sends what a real Python runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyline-python-'));
    const python = new RealPython();
    try {
      const paths = {
        ca: join(folder, 'ca'),
        certificate: join(folder, 'cert'),
        privateKey: join(folder, 'key'),
      };
      const { pipe } = memoryPipe(boardOf(python));
      // A Python interpreter has to start first.
      const session = await openInMemory(micropythonDriver, target({ paths }, 10_000), pipe);
      const result = await runCycle(session, authority());
      expect(result.identity.hardwareId).toBe('uid:0102030405060708');
      expect(result.identity.firmware).toMatch(/^cpython 3\./);
      expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('device-digest'));
      expect(readFileSync(paths.certificate).equals(result.certificateDer)).toBe(true);
      await session.close();
    } finally {
      python.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses paths that would end the Python string', () => {
    const paths = { ca: "/a'b", certificate: '/c', privateKey: '/k' };
    expect(() => micropythonDriver.checkTarget(target({ paths }))).toThrow(/options.paths.ca/);
  });
});
