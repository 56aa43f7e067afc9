// What people and machines are shown.

import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createLiveBays } from '../../../cli/output/liveBays.ts';
import { createOutput } from '../../../cli/output/output.ts';
import { tellRecovery } from '../../../cli/output/recovery.ts';
import { refusalVerdict, runEventAsJson, runEventAsLine, verdict } from '../../../cli/output/runEvents.ts';
import { runTable } from '../../../cli/output/runTable.ts';
import { type Paint, paintOutcome, progressBar } from '../../../cli/output/style.ts';
import { renderTable } from '../../../cli/output/table.ts';
import { wrapText } from '../../../cli/output/wrap.ts';
import { type HardwareId, parseDeviceSerial } from '../../../core/domain/device.ts';
import type { RunId, Sha256Hex } from '../../../core/domain/ids.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { RunEvent, RunResult } from '../../../core/station/events.ts';
import type { RecoveredRun } from '../../../core/station/recovery.ts';

const plain: Paint = (_, text) => text;
const deviceSerial = parseDeviceSerial('SN-1');
const ofRun = { runId: 'run-1' as RunId, bayName: 'bay-1', deviceSerial };
const passed: RunResult = {
  ...ofRun,
  portPath: '/dev/a',
  hardwareId: undefined,
  certificateSerial: '4'.repeat(40),
  custody: 'station-memory',
  outcome: 'pass',
  failedPhase: undefined,
  failure: undefined,
  askedAgainCount: 0,
  verification: (['ca', 'certificate'] as const).map((item) => ({
    item,
    check: 'device-digest',
    expectedSha256: 'a'.repeat(64) as Sha256Hex,
    actualSha256: 'a'.repeat(64) as Sha256Hex,
  })),
  handshake: {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    peerSubject: 'CN=SN-1',
    peerCertificateSha256: 'b'.repeat(64) as Sha256Hex,
    bytesFromDevice: 1,
    bytesToDevice: 2,
    durationMs: 12.4,
  },
  durationMs: 1_250,
};
const failed: RunResult = {
  ...passed,
  outcome: 'fail',
  failedPhase: 'install',
  failure: { code: 'device_silent', details: { waitedMs: 3 } },
  verification: [],
  handshake: undefined,
};
const refusal = { bayName: 'bay-1', deviceSerial, failure: { code: 'order_complete', details: {} } } as const;

/** A stream that keeps what is written to it. */
function stream(isTTY: boolean) {
  let text = '';
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    stream: Object.assign(sink, { isTTY, columns: 100, rows: 24 }) as unknown as NodeJS.WriteStream,
    text: () => text,
  };
}

describe('a run’s events', () => {
  test('as JSON carry the facts, a closed run’s words included', () => {
    expect(runEventAsJson({ ...ofRun, kind: 'phase-begun', phase: 'key' })).toEqual({
      ...ofRun,
      phase: 'key',
    });
    expect(runEventAsJson({ ...ofRun, kind: 'closed', result: failed })).toMatchObject({
      outcome: 'fail',
      failure: {
        code: 'device_silent',
        details: { waitedMs: 3 },
        what: expect.any(String),
        next: expect.any(String),
      },
    });
    expect(runEventAsJson({ ...ofRun, kind: 'closed', result: passed })).not.toHaveProperty('failure');
  });

  test('as lines are phases and verdicts', () => {
    expect(runEventAsLine(plain, { ...ofRun, kind: 'phase-begun', phase: 'key' })).toBe('bay-1  SN-1  key');
    expect(
      runEventAsLine(plain, { ...ofRun, kind: 'phase-ended', phase: 'key', outcome: 'pass' }),
    ).toBeUndefined();
    expect(
      runEventAsLine(plain, { ...ofRun, kind: 'install-progress', sentBytes: 1, totalBytes: 2 }),
    ).toBeUndefined();
    expect(runEventAsLine(plain, { ...ofRun, kind: 'closed', result: passed })).toBe(verdict(plain, passed));
    expect(runEventAsLine(plain, { kind: 'refused', refusal })).toBe(refusalVerdict(plain, refusal));
  });

  test('end in a verdict: which check was made, or what to do next', () => {
    expect(verdict(plain, passed)).toBe(
      '  ✔ pass  bay-1  SN-1  1.3 s  checked by device digest, TLSv1.3 handshake; key: station, memory only',
    );
    expect(verdict(plain, { ...passed, askedAgainCount: 2 })).toMatch(
      /handshake; key: station, memory only\n {6}2 answers were garbled and asked for again: check cable/,
    );
    expect(verdict(plain, failed)).toMatch(
      /^ {2}✘ fail {2}bay-1 {2}SN-1 {2}in install\n {6}The device does not answer.*\n {6}Check power/,
    );
    expect(refusalVerdict(plain, refusal)).toMatch(/^ {2}✘ refused {2}bay-1 {2}SN-1\n/);
  });

  test('outcomes are told apart without colour', () => {
    const shown = (['pass', 'fail', 'error', 'timeout', 'aborted'] as const).map((outcome) =>
      paintOutcome(plain, outcome),
    );
    expect(new Set(shown).size).toBe(5);
  });
});

describe('tables', () => {
  const columns = [{ title: 'Name' }, { title: 'Count', align: 'right' as const }];
  test('are as wide as their widest cell, whatever its colours, and end without blanks', () => {
    const text = renderTable(plain, columns, [
      ['\u001b[32mgreen\u001b[39m', '7'],
      ['a longer name', '1234567'],
    ]);
    const lines = text.split('\n').map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
    expect(lines).toEqual(['Name             Count', 'green                7', 'a longer name  1234567']);
  });

  test('leave out what can be spared where the terminal is narrow, one column at a time, and say so', () => {
    const spared = [{ title: 'Name' }, { title: 'Maker', spare: 2 }, { title: 'Id', spare: 1 }];
    const row = ['\u001b[1mboard\u001b[22m', 'a company', '0123456789'];
    const at = (width: number) => renderTable(plain, spared, [row], width).split('\n')[0];
    expect([28, 27, 16, 15].map(at)).toEqual([
      'Name   Maker      Id',
      'Name   Maker',
      'Name   Maker',
      'Name',
    ]);
    expect(renderTable(plain, spared, [row], 5).split('\n')).toEqual([
      'Name',
      row[0],
      'Too narrow for: Maker, Id. A wider terminal or --json shows all.',
    ]);
  });

  test('of runs fit 80 columns', () => {
    const named = {
      ...passed,
      deviceSerial: parseDeviceSerial('DEMO-0001'),
      hardwareId: 'a'.repeat(16) as HardwareId,
    };
    const lines = runTable(plain, [named, failed], 80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines[1]).toMatch(/^DEMO-0001 .*device digest .*✔ pass +1\.3 s$/);
  });

  test('of runs name what is missing with a dash', () => {
    const [head = '', first = '', second = ''] = runTable(plain, [passed, failed]).split('\n');
    expect(head).toMatch(
      /^Device +Hardware id +Certificate serial +Key +Check made +Handshake +Outcome +Time$/,
    );
    expect(first).toMatch(
      /^SN-1 +– +4{16}… +station, memory only +device digest +TLSv1\.3 12 ms +✔ pass +1\.3 s$/,
    );
    expect(second).toMatch(/^SN-1 +– +4{16}… +(station, memory only|–) +– +– +✘ fail +1\.3 s$/);
  });

  test('a progress bar stays within its width', () => {
    for (const share of [-1, 0, 0.5, 1, 2]) expect(progressBar(plain, share)).toHaveLength(16);
    expect(progressBar(plain, 0.5)).toBe('━'.repeat(8) + '─'.repeat(8));
  });
});

describe('a line that is too long for the terminal', () => {
  test.each([
    ['a short one stays', 'a short one stays'],
    ['one that is broken between two words', 'one that is broken\nbetween two words'],
    ['  ✔ a mark has its text below it', '  ✔ a mark has its\n    text below it'],
    ['      indented text stays where it is', '      indented text\n      stays where it\n      is'],
    ['\u001b[2mcolours take no room at all\u001b[22m', '\u001b[2mcolours take no room\nat all\u001b[22m'],
    ['  Root CA   its own line here', '  Root CA   its own\n            line\n            here'],
    [`a ${'b'.repeat(30)} c`, `a\n${'b'.repeat(30)}\nc`],
    ['the edge falls into  two blanks', 'the edge falls into\ntwo blanks'],
    ['  keyline inventory list --search SN-1', '  keyline inventory list --search SN-1'],
    ['  $ npm run keyline -- audit verify', '  $ npm run keyline -- audit verify'],
  ])('%j', (text, expected) => {
    expect(wrapText(text, 20)).toBe(expected);
    expect(wrapText(text, Number.POSITIVE_INFINITY)).toBe(text);
  });

  test('loses no word and is never longer than the terminal, but for a long word', () => {
    const word = fc.stringMatching(/^[a-z✔]{1,9}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.nat(4),
        fc.integer({ min: 16, max: 60 }),
        (words, indent, columns) => {
          const text = ' '.repeat(indent) + words.join(' ');
          const lines = wrapText(text, columns).split('\n');
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
          expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
        },
      ),
    );
  });
});

describe('live bays', () => {
  const show = (events: readonly RunEvent[]) => {
    const out = stream(true);
    const live = createLiveBays(out.stream, plain);
    for (const event of events) live.show(event);
    return { live, text: out.text };
  };

  test('keep verdicts, redraw what goes on under them, and end', async () => {
    const { live, text } = show([
      { ...ofRun, kind: 'phase-begun', phase: 'open' },
      { ...ofRun, bayName: 'bay-2', kind: 'phase-begun', phase: 'install' },
      { ...ofRun, bayName: 'bay-2', kind: 'install-progress', sentBytes: 5, totalBytes: 0 },
      { ...ofRun, kind: 'install-progress', sentBytes: 1, totalBytes: 2 },
      { ...ofRun, kind: 'phase-ended', phase: 'open', outcome: 'pass' },
      { ...ofRun, kind: 'closed', result: passed },
      { kind: 'refused', refusal },
    ]);
    expect(text()).toContain('✔ pass  bay-1  SN-1');
    expect(text()).toContain('✘ refused');
    await vi.waitFor(() => expect(text()).toMatch(/bay-2 {2}━+─* {2}install {3}SN-1/));
    live.persist('a sentence');
    expect(text()).toContain('a sentence\n');
    live.settle();
    const settled = text();
    live.settle();
    expect(text().replace(settled, '')).not.toContain('bay-2');
  });
});

describe('output', () => {
  const streams = (isTTY: boolean) => {
    const [out, err] = [stream(isTTY), stream(isTTY)];
    return { streams: { stdout: out.stream, stderr: err.stream }, out: out.text, err: err.text };
  };

  test('for machines is one JSON object per line, sentences left out', () => {
    const seen = streams(true);
    const output = createOutput(seen.streams, true);
    output.say('a sentence');
    output.table('device', [{ title: 'Device' }], [{ cells: ['SN-1'], facts: { deviceSerial } }]);
    output.result('made', { name: 'x' }, 'words');
    output.run({ kind: 'refused', refusal });
    output.failure(new StationError('usage', { reason: 'because' }));
    output.failure(new TypeError('odd\nthing'));
    output.settle();
    expect(seen.err()).toBe('');
    const lines = seen
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { event: 'device', deviceSerial: 'SN-1' },
      { event: 'made', name: 'x' },
      { event: 'refused' },
      { event: 'error', code: 'usage', side: 'operator', details: { reason: 'because' } },
      { event: 'error', code: 'internal', side: 'station' },
    ]);
  });

  test('for a pipe is plain, with failures on standard error', () => {
    const seen = streams(false);
    const output = createOutput(seen.streams, false);
    output.run({ ...ofRun, kind: 'phase-begun', phase: 'key' });
    output.run({ ...ofRun, kind: 'install-progress', sentBytes: 1, totalBytes: 2 });
    output.table('device', [{ title: 'Device' }], [{ cells: ['SN-1'], facts: {} }]);
    output.failure(new StationError('usage'));
    output.settle();
    expect(seen.out()).toBe('bay-1  SN-1  key\nDevice\nSN-1\n');
    expect(seen.err()).toMatch(/^✘ That request does not make sense here\.\n {2}Check/);
    expect(output.json).toBe(false);
  });

  test('shows on a terminal what takes a while, and takes it away however that ends', async () => {
    const seen = streams(true);
    const output = createOutput(seen.streams, false);
    const made = await output.during('Making a key', async (tell) => {
      expect(stripVTControlCharacters(seen.out())).toMatch(/… Making a key {2}\d+\.\d s/);
      tell('Making another');
      output.say('meanwhile');
      expect(stripVTControlCharacters(seen.out())).toContain('… Making another');
      return 7;
    });
    expect(made).toBe(7);
    const fails = output.during('Opening', () => {
      throw new StationError('usage');
    });
    await expect(fails).rejects.toThrow(StationError);
    const before = seen.out();
    output.say('afterwards');
    expect(seen.out().slice(before.length)).toBe('afterwards\n');
    output.settle();
  });

  test('says nothing of that in a pipe or to a machine', async () => {
    for (const json of [true, false]) {
      const seen = streams(false);
      expect(await createOutput(seen.streams, json).during('Making', async () => 'made')).toBe('made');
      expect(seen.out() + seen.err()).toBe('');
    }
  });

  test('breaks sentences and failures between words on a terminal', () => {
    const seen = streams(true);
    const output = createOutput(seen.streams, false);
    output.say('word '.repeat(40).trim());
    output.failure(new StationError('usage', { reason: 'because '.repeat(20).trim() }));
    for (const line of stripVTControlCharacters(seen.out() + seen.err()).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  test('on a terminal draws in place and settles before a failure', () => {
    const seen = streams(true);
    const output = createOutput(seen.streams, false);
    output.run({ ...ofRun, kind: 'closed', result: passed });
    output.say('a sentence');
    output.failure(new StationError('usage'));
    expect(seen.out()).toContain('pass');
    expect(seen.out()).toContain('a sentence\n');
    expect(seen.err()).toContain('✘');
  });
});

describe('what recovery did', () => {
  const told = (run: Partial<RecoveredRun>) => {
    const out = stream(false);
    const base = {
      runId: ofRun.runId,
      deviceSerial: 'SN-1',
      phase: undefined,
      credentialId: undefined,
      foundState: undefined,
    } as const;
    tellRecovery(createOutput({ stdout: out.stream, stderr: out.stream }, false), [
      { ...base, action: 'none', outcome: 'aborted', ...run },
    ]);
    return out.text();
  };

  test('is said as it is', () => {
    expect(told({})).toBe(
      '↻ SN-1 was interrupted in open: nothing had been decided yet; provision it again.\n',
    );
    expect(told({ phase: 'verify', outcome: 'pass' })).toContain('had been verified and stands');
    expect(told({ phase: 'key', action: 'voided' })).toContain('in key: nothing had been signed');
    expect(told({ phase: 'install', action: 'revoked' })).toContain('its certificate is revoked');
  });
});
