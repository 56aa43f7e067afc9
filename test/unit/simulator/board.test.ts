// Power, faults and the state file of a board.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { BUILD_NAMES, describeBuilds } from '../../../core/simulator/build.ts';
import { openInProcess } from '../../../core/simulator/host/inProcess.ts';
import { parseDeviceOptions } from '../../../core/simulator/options.ts';
import { ask, type DeviceBench, openBench, plain } from './deviceBench.ts';

let bench: DeviceBench | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-simulator-'));
});
afterEach(() => {
  bench?.pipe.close();
  bench = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('faults', () => {
  test('rebootAfterBytes reboots once, in the middle, and RAM is empty afterwards', () => {
    bench = openBench({ faults: { rebootAfterBytes: 60 } });
    const events: string[] = [];
    bench.pipe.onEvent((event) => events.push(event));
    ask(bench, 'cred add 5 CA DEFAULT str abcdefgh');
    bench.send('cred buf AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r');
    expect(events).toEqual(['rebooting', 'started']);
    expect(ask(bench, 'cred list')).toBe('0 credentials found.\r\n');
    bench.send(`cred buf ${'A'.repeat(50)}\r`);
    expect(events).toHaveLength(2);
  });

  test('vanishAfterBytes takes the port away', () => {
    bench = openBench({ faults: { vanishAfterBytes: 20 } });
    const events: string[] = [];
    bench.pipe.onEvent((event) => events.push(event));
    expect(bench.send('cred list\r')).toContain('0 credentials');
    expect(bench.send('cred list\rcred list\r')).toBe('');
    expect(events).toEqual(['vanished']);
    expect(bench.send('cred list\r')).toBe('');
  });

  test('dropByteAt loses exactly one byte', () => {
    bench = openBench({ faults: { dropByteAt: 12 } });
    expect(bench.send('cred buf ABCDEFGH\r')).toContain('cred buf ABDEFGH\r\nStored 7 bytes.\r\n');
    expect(ask(bench, 'cred buf ABCDEFGH')).toBe('Stored 8 bytes.\r\n');
  });

  test('faults set later count from then', () => {
    bench = openBench({ hardwareId: 'aa' });
    ask(bench, 'cred buf ABCDEFGH');
    bench.pipe.board.setFaults({ dropByteAt: 10, secondHardwareId: 'bb' });
    expect(bench.send('cred buf ABCDEFGH\r')).toContain('cred buf BCDEFGH\r\nStored 7 bytes.\r\n');
    ask(bench, 'hwinfo devid');
    expect(ask(bench, 'hwinfo devid')).toContain('0xbb');
    bench.pipe.board.setFaults({});
    expect(ask(bench, 'hwinfo devid')).toContain('0xaa');
  });

  test('silent takes everything, other-protocol answers ERROR', () => {
    bench = openBench({ faults: { silent: true } });
    expect(bench.send('cred list\r', 500)).toBe('');
    bench.pipe.board.mode = 'other-protocol';
    expect(bench.send('cred list\r')).toBe('cred list\r\r\nERROR\r\n');
    bench.pipe.board.mode = 'shell';
    expect(ask(bench, 'cred list')).toBe('0 credentials found.\r\n');
  });

  test('babble fills the line at its rate for ever', () => {
    bench = openBench({ lineRate: 115_200, faults: { babble: true } });
    expect(bench.wait(1_000)).toHaveLength(11_520);
    expect(bench.wait(1_000)).toHaveLength(11_520);
  });
});

describe('power', () => {
  test('a device is deaf while it boots', () => {
    bench = openBench({ bootDelayMs: 100 });
    expect(bench.send('cred list\r', 50)).toBe('');
    expect(plain(bench.wait(50))).toContain('*** Booting Zephyr OS build v4.3.0 ***');
    expect(ask(bench, 'cred list')).toBe('0 credentials found.\r\n');
  });

  test('what has not left the line is lost with a reboot', () => {
    bench = openBench({ lineRate: 115_200 });
    bench.wait(100);
    const text = plain(bench.send('kernel reboot cold\r', 30) + bench.wait(50));
    expect(text.startsWith('kernel reboot c')).toBe(true);
    expect(text.startsWith('kernel reboot cold\r\n\r\n')).toBe(false);
    expect(text).toContain('*** Booting');
  });

  test('a listener may answer at once, from within the call that brought it bytes', () => {
    bench = openBench();
    const { pipe } = bench;
    let answered = false;
    pipe.onData(() => {
      if (answered) return;
      answered = true;
      pipe.write(new Uint8Array(Buffer.from('cred list\r')));
    });
    expect(plain(bench.send('\r'))).toBe('\r\nuart:~$ cred list\r\n0 credentials found.\r\nuart:~$ ');
  });
});

describe('the state file', () => {
  const statePath = (): string => join(folder, 'device.json');

  test('protected storage survives the end of the process, volatile does not; the hardware id always does', () => {
    for (const [backend, expected] of [
      ['volatile', '0 credentials'],
      ['protected', '1 credentials'],
    ] as const) {
      rmSync(statePath(), { force: true });
      bench = openBench({ backend }, statePath());
      ask(bench, 'cred add 7 PK DEFAULT strt secret-key');
      const before = ask(bench, 'cred list');
      const identity = ask(bench, 'hwinfo devid');
      bench.pipe.close();
      bench = openBench({ backend }, statePath());
      expect(ask(bench, 'cred list')).toContain(expected);
      if (backend === 'protected') expect(ask(bench, 'cred list')).toBe(before);
      expect(ask(bench, 'hwinfo devid')).toBe(identity);
      bench.pipe.close();
    }
  });

  test('is readable by its owner only, and nothing else is left beside it', () => {
    bench = openBench({ backend: 'protected' }, statePath());
    ask(bench, 'cred add 7 PK DEFAULT strt secret-key');
    expect(readdirSync(folder)).toEqual(['device.json']);
    if (process.platform !== 'win32') expect(statSync(statePath()).mode & 0o777).toBe(0o600);
  });

  test('slots keep their order', () => {
    bench = openBench({ backend: 'protected' }, statePath());
    for (const type of ['PK', 'CA', 'SERV']) ask(bench, `cred add 7 ${type} DEFAULT str abcdefgh`);
    ask(bench, 'cred del 7 CA');
    bench.pipe.close();
    bench = openBench({ backend: 'protected' }, statePath());
    ask(bench, 'cred add 7 PSK DEFAULT str abcdefgh');
    expect(ask(bench, 'cred list').match(/7,\w+/g)).toEqual(['7,PK', '7,PSK', '7,SERV']);
  });

  test.each(['', '{', '{"version":2}', '{"version":1,"hardwareId":"zz","credentials":[]}'])(
    'a file with %j is refused and left as it is',
    (content) => {
      writeFileSync(statePath(), content);
      expect(() => openInProcess({}, { statePath: statePath() })).toThrow(StationError);
      expect(readFileSync(statePath(), 'utf8')).toBe(content);
    },
  );

  test('a store that cannot be written down is not acknowledged', () => {
    bench = openBench({ backend: 'protected' }, join(folder, 'device.json'));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'not a folder any more');
    expect(() => ask(bench as DeviceBench, 'cred add 7 CA DEFAULT str abcdefgh')).toThrow();
    expect(bench.pipe.board.store?.get(7, 'CA_CERT')).toBeUndefined();
  });
});

describe('options', () => {
  test('have defaults for everything', () => {
    expect(parseDeviceOptions({})).toMatchObject({
      build: 'default',
      lineRate: 115_200,
      backend: 'volatile',
      prompt: 'uart:~$ ',
    });
  });

  test.each([
    { build: 'none' },
    { lineRate: 0 },
    { hardwareId: 'xyz' },
    { prompt: '' },
    { faults: { rebootAfterBytes: 0 } },
    { unknown: true },
    null,
  ])('%j is refused', (input) => {
    expect(() => parseDeviceOptions(input)).toThrow(expect.objectContaining({ code: 'value_invalid' }));
  });

  test('builds are described', () => {
    expect(describeBuilds().map((one) => one.name)).toEqual(BUILD_NAMES);
  });
});
