// keyline simulate ends with everything that it started, whenever and however it is told to: nothing else switches devices off.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawn as openTerminal } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { portHolders } from '../../../core/link/serial/portHolders.ts';

const entry = (name: string): string => fileURLToPath(new URL(`../../../cli/${name}`, import.meta.url));

/** As `main.js` is run by tests and scripts, and as the installed command starts it in a process below its own. */
const STARTS = { 'main.js': entry('main.js'), 'keyline.js': entry('keyline.js') };

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'keyline-simulate-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Simulating {
  readonly child: ChildProcess;
  /** The devices that were announced so far. */
  paths(): readonly string[];
  announced(count: number): Promise<void>;
  /** The exit status, once nobody holds its output open any more: its devices share it. */
  readonly closed: Promise<number | null>;
  errors(): string;
  /** The processes that were started for this one's devices and are there. */
  processes(): readonly number[];
}

let count = 0;
function simulate(start: string, ...args: readonly string[]): Simulating {
  count += 1;
  const state = join(root, `state-${count}`);
  const child = spawn(process.execPath, [start, '--json', 'simulate', '--state', state, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let check = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    check();
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece;
  });
  const closed = new Promise<number | null>((resolve) => {
    child.once('close', (code, signal) => {
      check();
      resolve(signal === null ? code : null);
    });
  });
  const paths = (): string[] => [...text.matchAll(/"path":"([^"]+)"/g)].map(([, path]) => path ?? '');
  return {
    child,
    paths,
    closed,
    errors: () => errors,
    announced: (wanted) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (paths().length >= wanted) resolve();
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(text + errors));
        };
        check();
      }),
    processes: () => processesThatName(state),
  };
}

/** Each device's process has its state file, and the command its folder, among its arguments. */
function processesThatName(text: string): readonly number[] {
  const named = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && named(name))
    .map(Number);
}

/** Waits for the end of what was started: a test that never ends says what is left. */
async function nothingLeft({ processes, paths }: Simulating): Promise<void> {
  while (processes().length > 0) await setTimeout(20);
  for (const path of paths()) {
    // Gone, or another device's by now, which has it open.
    while (existsSync(path) && (await portHolders(path)).length === 0) await setTimeout(20);
  }
}

describe.skipIf(process.platform !== 'linux')('keyline simulate', () => {
  for (const [name, start] of Object.entries(STARTS)) {
    test.each([
      ['one Zephyr board', 1, []],
      ['four of them', 4, ['--count', '4']],
      ['a device of another family', 1, ['--family', 'nrf91']],
    ])(`${name}: Ctrl-C switches %s off`, async (_, devices, args) => {
      const simulating = simulate(start, ...args);
      await simulating.announced(devices);
      expect(simulating.paths().every((path) => existsSync(path))).toBe(true);
      simulating.child.kill('SIGINT');
      expect(await simulating.closed).toBe(EXIT.interrupted);
      await nothingLeft(simulating);
    });

    test(`${name}: Ctrl-C while devices are being switched on does not wait for the rest`, async () => {
      const simulating = simulate(start, '--count', '50');
      await simulating.announced(1);
      simulating.child.kill('SIGINT');
      expect(await simulating.closed).toBe(EXIT.interrupted);
      expect(simulating.paths().length).toBeLessThan(50);
      await nothingLeft(simulating);
    });

    test.each(['SIGTERM', 'SIGHUP'] as const)(`${name}: %s is as good as Ctrl-C`, async (signal) => {
      const simulating = simulate(start, '--count', '2');
      await simulating.announced(2);
      simulating.child.kill(signal);
      expect(await simulating.closed).toBe(EXIT.interrupted);
      await nothingLeft(simulating);
    });

    test(`${name}: a second Ctrl-C leaves nothing either`, async () => {
      const simulating = simulate(start, '--count', '3');
      await simulating.announced(1);
      simulating.child.kill('SIGINT');
      simulating.child.kill('SIGINT');
      expect(await simulating.closed).toBe(EXIT.interrupted);
      await nothingLeft(simulating);
    });

    test(`${name}: Ctrl-C before it is ready for one ends it too`, async () => {
      const simulating = simulate(start);
      while (simulating.processes().length === 0) await setTimeout(5);
      simulating.child.kill('SIGINT');
      expect([EXIT.interrupted, null]).toContain(await simulating.closed);
      await nothingLeft(simulating);
    });

    test(`${name}: whoever reads its output goes away: the devices go too, without a stack trace`, async () => {
      const simulating = simulate(start, '--count', '3');
      await simulating.announced(1);
      simulating.child.stdout?.destroy();
      expect(await simulating.closed).toBe(EXIT.interrupted);
      expect(simulating.errors()).not.toMatch(/EPIPE|node:/);
      await nothingLeft(simulating);
    });
  }

  test('killed outright, its devices end by themselves', async () => {
    const simulating = simulate(STARTS['main.js'], '--count', '2');
    await simulating.announced(2);
    simulating.child.kill('SIGKILL');
    expect(await simulating.closed).toBe(null);
    await nothingLeft(simulating);
  });

  test('a Ctrl-C that a terminal sends to the installed command and to its child counts once', async () => {
    const terminal = openTerminal(
      process.execPath,
      [STARTS['keyline.js'], 'simulate', '--state', join(root, 'tty')],
      {
        cols: 200,
        rows: 30,
      },
    );
    let text = '';
    const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    await new Promise<void>((resolve) => {
      terminal.onData((piece) => {
        text += piece;
        if (text.includes('Ctrl-C switches the devices off')) resolve();
      });
    });
    terminal.write('\u0003');
    expect(await ended, text).toBe(EXIT.interrupted);
    // Twice would have ended it before it said so and stopped its devices.
    expect(text.match(/Switching the devices off/g)).toHaveLength(1);
    while (processesThatName(join(root, 'tty')).length > 0) await setTimeout(20);
  });
});
