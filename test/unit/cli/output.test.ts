// What people and machines are shown.

import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { createLiveBays } from '../../../cli/output/liveBays.ts';
import { createOutput } from '../../../cli/output/output.ts';
import { tellRecovery } from '../../../cli/output/recovery.ts';
import { refusalVerdict, runEventAsJson, runEventAsLine, verdict } from '../../../cli/output/runEvents.ts';
import { paintOutcome } from '../../../cli/output/style.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { RunEvent } from '../../../core/station/events.ts';
import type { RecoveredRun } from '../../../core/station/recovery.ts';
import { deviceSerial, failed, ofRun, passed, plain } from './runResults.ts';

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
