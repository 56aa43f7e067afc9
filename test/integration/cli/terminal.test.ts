// The command line on a real terminal: prompts that do not show what is typed, live bays, colours that NO_COLOR switches off.

import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { cli, PASSPHRASE } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';

const MAIN = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));

/** A command on a terminal of its own; `answers` are typed as soon as what they wait for was shown. */
function onTerminal(
  args: readonly string[],
  data: string,
  answers: readonly (readonly [RegExp, string])[],
  env: Record<string, string> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    let text = '';
    let unread = '';
    const waiting = [...answers];
    const terminal = spawn(process.execPath, [MAIN, ...args], {
      cols: 100,
      rows: 30,
      env: {
        PATH: process.env.PATH ?? '',
        TERM: 'xterm-256color',
        KEYLINE_DATA: data,
        KEYLINE_OPERATOR: 'tester',
        ...env,
      },
    });
    terminal.onData((chunk) => {
      text += chunk;
      unread += chunk;
      const next = waiting[0];
      if (next === undefined || !next[0].test(unread)) return;
      waiting.shift();
      unread = '';
      terminal.write(next[1]);
    });
    terminal.onExit(({ exitCode }) => resolve({ code: exitCode, text }));
  });
}

describe.skipIf(process.platform === 'win32')('on a terminal', () => {
  const { world, station } = stationOfTests();

  test('a new passphrase is asked for twice and never shown', async () => {
    const answers = [
      [/New passphrase/, `${PASSPHRASE}\r`],
      [/same passphrase again/, `${PASSPHRASE}\r`],
    ] as const;
    const made = await onTerminal(['init', '--site', 'Plant 7'], `${station.beside}/typed`, answers);
    expect(made.code, made.text).toBe(EXIT.ok);
    expect(made.text).not.toContain(PASSPHRASE);
  });

  test('a new passphrase that is too easy, or typed otherwise the second time, is asked for again', async () => {
    const slips = [
      [/New passphrase/, 'short\r'],
      [/at least 12 characters/, `\u0015${PASSPHRASE}\r`],
      [/same passphrase again/, 'another one altogether\r'],
      [/The two differ.*New passphrase/s, `${PASSPHRASE}\r`],
      [/same passphrase again/, `${PASSPHRASE}\r`],
    ] as const;
    const data = `${station.beside}/slips`;
    const made = await onTerminal(['init', '--site', 'Plant 7'], data, slips);
    expect(made.code, made.text).toBe(EXIT.ok);
    // The one that was typed twice alike is the one that opens it.
    const opened = await cli(['provision', '--port', '/dev/null', '--serial', 'SN-1'], { data });
    expect(opened.line('closed')).toMatchObject({ failure: { code: 'port_missing' } });
  });

  test('a device is provisioned with live progress, and without colours where NO_COLOR says so', async () => {
    const device = await world.device(station);
    const args = ['provision', '--port', device.path, '--serial', 'TTY-1'];
    const typed = [[/Passphrase of the authority/, `${PASSPHRASE}\r`]] as const;
    const shown = await onTerminal(args, station.data, typed);
    expect(shown.code, shown.text).toBe(EXIT.ok);
    expect(shown.text).toMatch(/━/);
    expect(shown.text).toContain('\u001b[32m✔ pass');
    expect(shown.text).not.toContain(PASSPHRASE);
    const grey = await onTerminal([...args, '--replace'], station.data, [], {
      KEYLINE_PASSPHRASE: PASSPHRASE,
      NO_COLOR: '1',
    });
    expect(grey.code, grey.text).toBe(EXIT.ok);
    expect(grey.text).toContain('✔ pass');
    expect(grey.text).not.toMatch(/\u001b\[[0-9;]*m/);
    await device.stop();
  });

  test('a batch is one live line with its rate, not a line per block; steps that take a while say what they do', async () => {
    const made = await cli(['order', 'create', 'WO-TTY', '--quantity', '60', '--target', 'files'], {
      data: station.data,
    });
    expect(made.code, made.stdout).toBe(EXIT.ok);
    const out = `${station.beside}/tty.jsonl`;
    const args = ['batch', 'issue', '--order', 'WO-TTY', '--prefix', 'T-', '--block', '1', '--out', out];
    const env = { KEYLINE_PASSPHRASE: PASSPHRASE, NO_COLOR: '1' };
    const shown = await onTerminal([...args, '--threads', '0', '--count', '50'], station.data, [], env);
    expect(shown.code, shown.text).toBe(EXIT.ok);
    expect(shown.text).toContain('… Issuing');
    expect(shown.text).not.toMatch(/\u001b\[[0-9;]*m/);
    expect(shown.text).not.toMatch(/^ {2}\d+ devices/m);
    expect(shown.text).toMatch(/✔ Done: 50 devices/);
    const piped = await cli([...args, '--threads', '0'], { data: station.data, json: false });
    expect(piped.stdout.trimEnd().split('\n')).toEqual([expect.stringMatching(/^✔ Done: 60 devices/)]);
    const lists = await onTerminal(['crl'], station.data, [], env);
    expect(lists.text).toContain('… Signing the revocation lists');
    const next = await onTerminal(['authority', 'roll-over'], station.data, [], env);
    expect(next.text).toContain('… Making the next issuing CA');
  });

  test('Ctrl-C at the prompt, or a no, changes nothing', async () => {
    const order = ['provision', '--port', '/dev/null', '--serial', 'TTY-2'];
    const left = await onTerminal(order, station.data, [[/Passphrase of the authority/, '\u0003']]);
    expect(left.code, left.text).toBe(EXIT.interrupted);
    const kept = await onTerminal(['revoke', 'TTY-1'], station.data, [[/cannot be undone/, 'n\r']]);
    expect(kept.code, kept.text).toBe(EXIT.interrupted);
    const shown = await cli(['inventory', 'show', 'TTY-1'], { data: station.data });
    expect(JSON.stringify(shown.line('device'))).toContain('"state":"verified"');
    const yes = await onTerminal(['revoke', 'TTY-1', '--reason', 'keyCompromise'], station.data, [
      [/cannot be undone/, 'y\r'],
    ]);
    expect(yes.code, yes.text).toBe(EXIT.ok);
  });
});
