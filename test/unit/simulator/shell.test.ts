// The shell around the credential commands: editing, history, help, login, the minimal build, log lines.

import { afterEach, describe, expect, test } from 'vitest';
import { ask, type DeviceBench, openBench, pace, plain } from './deviceBench.ts';

let bench: DeviceBench;
afterEach(() => bench.pipe.close());

const PROMPT = '\x1b[1;32muart:~$ \x1b[m';
const TICK = /\[(\d\d:\d\d:\d\d\.\d{3}),000\] \x1b\[0m<inf> peer: background tick (\d+)\x1b\[0m\r\n/g;

describe('the line', () => {
  test('keeps 255 characters and runs them without a sign', () => {
    for (const [length, stored] of [
      [253, 244],
      [254, 245],
      [255, 246],
      [256, 246],
      [269, 246],
    ] as const) {
      bench = openBench();
      const line = `cred buf ${'A'.repeat(length - 9)}\r`;
      expect(plain(pace(bench, line)).replace(/\r\n/g, '')).toBe(
        `${line.slice(0, Math.min(length, 255))}Stored ${stored} bytes.uart:~$ `,
      );
      bench.pipe.close();
    }
  });

  test('that ends with its row gets no second line feed', () => {
    bench = openBench();
    expect(pace(bench, `cred buf ${'A'.repeat(63)}\r`)).toBe(
      `cred buf ${'A'.repeat(63)}\r\nStored 63 bytes.\r\n${PROMPT}`,
    );
  });

  test('backspace across the row goes up and right', () => {
    bench = openBench();
    bench.send('x'.repeat(60));
    bench.send('x'.repeat(12));
    expect(bench.send('\x7f')).toBe('\x1b[1A\x1b[79C\x1b[J');
    expect(bench.send('\x15')).toBe('\x1b[71D\x1b[J');
  });

  test('arrows, home, end and delete edit in the middle', () => {
    bench = openBench();
    bench.send('cxred lst');
    expect(bench.send('\x1b[H')).toBe('\x1b[9D');
    expect(bench.send('\x1b[C')).toBe('\x1b[1C');
    expect(bench.send('\x1b[3~')).toBe('\x1b[Jred lst\x1b[7D');
    expect(bench.send('\x1b[F')).toBe('\x1b[7C');
    bench.send('\x1b[D\x1b[D');
    expect(bench.send('i')).toBe('ist\x1b[2D');
    expect(plain(bench.send('\r'))).toContain('0 credentials found.');
  });

  test('Ctrl-W removes a word', () => {
    bench = openBench();
    bench.send('Example Root CA0');
    expect(bench.send('\x17')).toBe('\x1b[3D\x1b7\x1b[J\x1b8');
  });
});

describe('history', () => {
  test('remembers chunks of a key, newest first, and recalls them', () => {
    bench = openBench();
    for (const chunk of ['k1', 'k2', 'k2', 'k3']) ask(bench, `cred buf ${chunk}`);
    expect(ask(bench, 'history')).toBe(
      ['history', 'cred buf k3', 'cred buf k2', 'cred buf k1']
        .map((line, index) => `[  ${index}] ${line}\r\n`)
        .join(''),
    );
    expect(bench.send('\x1b[A')).toBe('\x1b[Jhistory');
    expect(bench.send('\x1b[A')).toBe('\x1b[7D\x1b[Jcred buf k3');
    expect(bench.send('\x1b[B')).toBe('\x1b[11D\x1b[Jhistory');
  });

  test('does not hold what was loaded raw, and forgets the oldest when its 512 bytes are full', () => {
    bench = openBench();
    bench.send('cred buf load\r');
    bench.send('topsecret\x03');
    for (let count = 0; count < 8; count += 1) ask(bench, `cred buf ${String(count).repeat(50)}`);
    const lines = ask(bench, 'history').split('\r\n').filter(Boolean);
    expect(lines.join()).not.toContain('topsecret');
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.length).toBeLessThan(8);
    expect(lines[1]).toContain('7'.repeat(50));
  });
});

describe('completion', () => {
  test('several candidates are listed and the line is drawn again', () => {
    bench = openBench();
    const answer = bench.send('cred buf \t');
    expect(plain(answer)).toBe('cred buf \r\n  clearload\r\nuart:~$ cred buf ');
    expect(bench.send('l\t')).toBe('load ');
  });
});

describe('device information', () => {
  test('hwinfo devid, kernel version and uptime', () => {
    bench = openBench({ hardwareId: '0123456789abcdef', firmwareVersion: '4.2.1' });
    expect(ask(bench, 'hwinfo devid')).toBe('Length: 8\r\nID: 0x0123456789abcdef\r\n');
    expect(ask(bench, 'kernel version')).toBe('Zephyr version 4.2.1\r\n');
    bench.wait(1_000);
    expect(Number(/^Uptime: (\d+) ms\r\n$/.exec(ask(bench, 'kernel uptime'))?.[1])).toBeGreaterThan(999);
  });

  test('a build without it says so, and a fault answers as another unit the second time', () => {
    bench = openBench({ hwinfo: false });
    expect(ask(bench, 'hwinfo devid')).toBe('hwinfo: command not found\r\n');
    bench.pipe.close();
    bench = openBench({ hardwareId: 'aa', faults: { secondHardwareId: 'bb' } });
    expect([ask(bench, 'hwinfo devid'), ask(bench, 'hwinfo devid')].map((text) => text.slice(-6))).toEqual([
      '0xaa\r\n',
      '0xbb\r\n',
    ]);
  });

  test('help lists the commands', () => {
    bench = openBench();
    expect(ask(bench, 'help')).toContain('  cred      : TLS Credentials Commands\r\n');
  });
});

describe('a minimal shell', () => {
  test('has no help, colours, history, editing keys or built-in commands', () => {
    bench = openBench({ build: 'minimal' });
    expect(bench.send('cred list x\r')).toBe('cred list x\r\nx is not a valid sectag.\r\nuart:~$ ');
    expect(ask(bench, 'cred')).toBe('Please specify a subcommand.\r\n');
    expect(ask(bench, 'cred add 1')).toBe('add: wrong parameter count\r\n');
    expect(ask(bench, 'history')).toContain('history: command not found\r\n');
    expect(ask(bench, 'retval')).toContain('retval: command not found\r\n');
    expect(bench.send('abc\x15\t\x1b[A')).toBe('abc');
  });

  test('cuts its line at 127 characters', () => {
    bench = openBench({ build: 'minimal' });
    expect(pace(bench, `cred buf ${'A'.repeat(150)}\r`)).toContain('Stored 118 bytes.');
  });
});

describe('an obscured shell', () => {
  test('takes each line as the password until it is right', () => {
    bench = openBench({ loginPassword: 'zephyr', bootDelayMs: 1 });
    expect(plain(bench.wait(1)).endsWith('login: ')).toBe(true);
    expect(plain(bench.send('cred\r'))).toBe('****\r\nIncorrect password!\r\nlogin: ');
    expect(plain(bench.send('zephyr\r'))).toBe('******\r\nuart:~$ ');
    expect(ask(bench, 'cred list')).toBe('0 credentials found.\r\n');
  });
});

describe('log lines', () => {
  test('deferred: ten at once after the prompt, each with the prompt drawn again', () => {
    bench = openBench();
    expect(bench.send('noise 50\r')).toBe(`noise 50\r\n${PROMPT}`);
    const text = bench.waitInSteps(700, 5);
    expect([...text.matchAll(TICK)].map(([, , number]) => Number(number))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(text.startsWith('\x1b[8D\x1b[J[00:00:00.060,000] ')).toBe(true);
    expect(text.endsWith(`background tick 9\x1b[0m\r\n${PROMPT}\x1b[8D\x1b[J${PROMPT}`)).toBe(true);
    expect(text.split(PROMPT)).toHaveLength(12);
  });

  test('deferred: fewer than ten wait a second', () => {
    bench = openBench();
    ask(bench, 'noise 300');
    expect(bench.waitInSteps(1_300, 10)).toBe('');
    expect([...bench.waitInSteps(100, 10).matchAll(TICK)]).toHaveLength(4);
  });

  test('deferred: printk comes a second after the prompt', () => {
    bench = openBench();
    expect(ask(bench, 'rawprint')).toBe('');
    expect(bench.waitInSteps(990, 10)).toBe('');
    expect(bench.waitInSteps(20, 10)).toBe(
      `\x1b[8D\x1b[Jraw printk from shell thread\r\n${PROMPT}\x1b[8D\x1b[J${PROMPT}`,
    );
  });

  test('immediate: a log line breaks into a half-typed command, which is drawn again', () => {
    bench = openBench({ build: 'immediate' });
    ask(bench, 'noise 50');
    bench.send('cred ');
    const text = bench.waitInSteps(60, 5);
    expect(text).toMatch(
      /^\x1b\[13D\x1b\[J\[00:00:00\.060,000\] \x1b\[0m<inf> peer: background tick 0\x1b\[0m\r\n/,
    );
    expect(text.endsWith(`${PROMPT}cred `)).toBe(true);
    expect(ask(bench, 'list')).toBe('0 credentials found.\r\n');
    expect(ask(bench, 'rawprint')).toBe('raw printk from shell thread\r\n');
  });

  test('without colours and cursor codes it is glued to the half-typed line', () => {
    bench = openBench({ noiseIntervalMs: 300 });
    ask(bench, 'shell colors off');
    ask(bench, 'shell vt100 off');
    bench.send('cred li');
    expect(bench.waitInSteps(1_400, 10)).toMatch(
      /^(\[00:00:0\d\.\d{3},000\] <inf> peer: background tick \d\r\nuart:~\$ cred li){4}uart:~\$ cred li$/,
    );
  });

  test('log halt silences it, log go lets it go on', () => {
    bench = openBench({ noiseIntervalMs: 100 });
    expect(ask(bench, 'log halt')).toBe('');
    expect(bench.waitInSteps(3_000, 50)).toBe('');
    expect(ask(bench, 'log go')).toBe('');
    expect(bench.waitInSteps(3_000, 50)).toContain('background tick');
  });

  test('boot in immediate mode shows no banner', () => {
    bench = openBench({ build: 'immediate', bootDelayMs: 1 });
    expect(bench.wait(1)).toBe(`\x1b[m\r\n${PROMPT}`);
  });
});
