// What operators, scanners and scripts feed the command line.

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBays } from '../../../cli/commands/bayOptions.ts';
import { collect, portNumber, positiveInteger, threadNumber } from '../../../cli/commands/shared.ts';
import { EXIT, exitCodeOf, exitCodeOfOutcome } from '../../../cli/exitCodes.ts';
import { readNewPassphrase, readPassphrase } from '../../../cli/input/passphrase.ts';
import { createScanLines } from '../../../cli/input/scanLines.ts';
import { StationError } from '../../../core/domain/stationError.ts';

const never = new AbortController().signal;

describe('scanned lines', () => {
  const open = () => {
    const input = new PassThrough();
    const asked: string[] = [];
    const refused: string[] = [];
    const parse = (line: string): string => {
      if (line.startsWith('!')) throw new StationError('device_serial_invalid', { value: line });
      return line;
    };
    const scans = createScanLines(input, {
      ask: (bay) => asked.push(bay),
      parse,
      refuse: (thrown) => refused.push(String(thrown)),
    });
    return { input, asked, refused, scans };
  };

  test('go to the bay that has waited longest, which is named before the scan', async () => {
    const { input, asked, scans } = open();
    const left = scans.next('left', never);
    const right = scans.next('right', never);
    expect(asked).toEqual(['left']);
    input.write('SN-1\nSN-2\r\n');
    expect(await left).toBe('SN-1');
    expect(await right).toBe('SN-2');
    expect(asked).toEqual(['left', 'right']);
  });

  test('that came early are kept; empty ones are nothing', async () => {
    const { input, scans } = open();
    input.write('\n\nSN-1\nSN-2\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await scans.next('left', never)).toBe('SN-1');
    expect(await scans.next('left', never)).toBe('SN-2');
  });

  test('end with the input, for all that wait and all that come later', async () => {
    const { input, scans } = open();
    const waiting = [scans.next('left', never), scans.next('right', never)];
    input.end('SN-1');
    expect(await Promise.all(waiting)).toEqual(['SN-1', undefined]);
    expect(await scans.next('left', never)).toBeUndefined();
  });

  test('that are no device serial are refused, and the same bay is asked for again', async () => {
    const { input, asked, refused, scans } = open();
    const left = scans.next('left', never);
    const right = scans.next('right', never);
    input.write('!bad\nSN-1\nSN-2\n');
    expect(await left).toBe('SN-1');
    expect(await right).toBe('SN-2');
    expect(asked).toEqual(['left', 'left', 'right']);
    expect(refused).toHaveLength(1);
  });

  test('an abort frees its bay only, and takes no line with it', async () => {
    const { input, asked, scans } = open();
    const stop = new AbortController();
    const left = scans.next('left', stop.signal);
    const right = scans.next('right', never);
    stop.abort();
    expect(await left).toBeUndefined();
    input.write('SN-1\n');
    expect(await right).toBe('SN-1');
    expect(asked[0]).toBe('left');
    expect(await scans.next('left', stop.signal)).toBeUndefined();
    scans.close();
  });
});

describe('bays', () => {
  test('are numbered or named', () => {
    expect(readBays(['/dev/a', '/dev/b'], ['left=/dev/c', 'eq=/dev/d=e'])).toEqual([
      { bayName: 'bay-1', portPath: '/dev/a' },
      { bayName: 'bay-2', portPath: '/dev/b' },
      { bayName: 'left', portPath: '/dev/c' },
      { bayName: 'eq', portPath: '/dev/d=e' },
    ]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['none', [], []],
    ['a port twice', ['/dev/a', '/dev/a'], []],
    ['a port twice under a name', ['/dev/a'], ['left=/dev/a']],
    ['a name twice', [], ['left=/dev/a', 'left=/dev/b']],
    ['no name', [], ['=/dev/a']],
    ['no port', [], ['left=']],
    ['no equals sign', [], ['left']],
  ])('are refused: %s', (_, ports, named) => {
    expect(() => readBays(ports, named)).toThrow('usage');
  });
});

describe('numbers', () => {
  test('are whole and in range', () => {
    expect([positiveInteger('1'), positiveInteger('250')]).toEqual([1, 250]);
    for (const text of ['0', '-1', '1.5', '1e3', ' 1', '', 'x', '1234567890'])
      expect(() => positiveInteger(text)).toThrow();
    expect([portNumber('0'), portNumber('65535')]).toEqual([0, 65_535]);
    for (const text of ['65536', '-1', 'x', '']) expect(() => portNumber(text)).toThrow();
    expect([threadNumber('0'), threadNumber('256')]).toEqual([0, 256]);
    for (const text of ['257', '9999999', '-1', '']) expect(() => threadNumber(text)).toThrow();
    expect(collect('b', collect('a'))).toEqual(['a', 'b']);
  });
});

describe('exit statuses', () => {
  test('follow the side of a failure and the outcome of a run', () => {
    expect(exitCodeOf(new StationError('usage'))).toBe(EXIT.refused);
    expect(exitCodeOf(new StationError('disk_full'))).toBe(EXIT.stationTrouble);
    expect(exitCodeOf(new StationError('device_gone'))).toBe(EXIT.deviceFailed);
    expect(exitCodeOf(new StationError('interrupted'))).toBe(EXIT.interrupted);
    const outcomes = ['pass', 'fail', 'timeout', 'error', 'aborted'] as const;
    expect(outcomes.map(exitCodeOfOutcome)).toEqual([0, 1, 1, 3, 130]);
  });
});

describe('a passphrase', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyline-passphrase-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const textOf = (secret: Awaited<ReturnType<typeof readPassphrase>>) =>
    secret.use((bytes) => Buffer.from(bytes).toString());
  async function fromFile(content: string | Uint8Array) {
    const path = join(folder, 'passphrase');
    writeFileSync(path, content);
    const fileDescriptor = openSync(path, 'r');
    try {
      return textOf(await readPassphrase({ fileDescriptor, env: {}, interactive: false }, ''));
    } finally {
      closeSync(fileDescriptor);
    }
  }

  test('is the first line of a descriptor, byte for byte', async () => {
    expect(await fromFile('four words and more')).toBe('four words and more');
    expect(await fromFile('line one\r\nline two\n')).toBe('line one');
    expect(await fromFile(' with spaces \n')).toBe(' with spaces ');
    expect(await fromFile('grün\n')).toBe('grün');
    await expect(fromFile('\n')).rejects.toMatchObject({ code: 'passphrase_missing' });
    const closed = readPassphrase({ fileDescriptor: 9_999, env: {}, interactive: false }, '');
    await expect(closed).rejects.toMatchObject({ code: 'passphrase_missing' });
  });

  test('from the environment is taken out of it', async () => {
    const env: NodeJS.ProcessEnv = { KEYLINE_PASSPHRASE: 'from the environment' };
    const source = { fileDescriptor: undefined, env, interactive: false };
    expect(textOf(await readNewPassphrase(source))).toBe('from the environment');
    expect(env).toEqual({});
    await expect(readPassphrase(source, '')).rejects.toMatchObject({ code: 'passphrase_missing' });
    const empty = { ...source, env: { KEYLINE_PASSPHRASE: '' } };
    await expect(readPassphrase(empty, '')).rejects.toMatchObject({ code: 'passphrase_missing' });
  });
});
