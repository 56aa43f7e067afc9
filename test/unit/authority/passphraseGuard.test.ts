import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardPassphrase, waitAfterMs } from '../../../core/authority/passphraseGuard.ts';
import { StationError } from '../../../core/domain/stationError.ts';

let folder: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-guard-'));
  nowMs = 1_800_000_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const attempt = (right: boolean): string => {
  try {
    return guardPassphrase({ folder, clock: { nowMs: () => nowMs } }, () => {
      if (!right) throw new StationError('passphrase_wrong');
      return 'opened';
    });
  } catch (error) {
    return error instanceof StationError ? error.code : String(error);
  }
};

describe('wrong passphrases', () => {
  it('cost nothing at first, then more and more, at most a quarter of an hour', () => {
    expect([0, 4, 5, 6, 8, 100].map(waitAfterMs)).toEqual([0, 0, 1000, 2000, 8000, 900_000]);
  });

  it('are counted on the disk; even the right one waits, and then ends the count', () => {
    for (let i = 0; i < 5; i += 1) expect(attempt(false)).toBe('passphrase_wrong');
    expect(attempt(true)).toBe('passphrase_delayed');
    nowMs += 1000;
    expect(attempt(true)).toBe('opened');
    expect(readdirSync(folder)).toEqual([]);
    expect(attempt(false)).toBe('passphrase_wrong');
    expect(attempt(true)).toBe('opened');
  });

  it('do not lock the station for longer when its clock was set back', () => {
    for (let i = 0; i < 5; i += 1) attempt(false);
    nowMs -= 365 * 86_400_000;
    expect(attempt(true)).toBe('passphrase_delayed');
    nowMs += 365 * 86_400_000 + 1000;
    expect(attempt(true)).toBe('opened');
  });

  it('are not counted by a damaged file, and other failures do not count', () => {
    writeFileSync(join(folder, 'wrong-passphrases.json'), '{"wrong": "many"');
    expect(attempt(true)).toBe('opened');
    expect(() =>
      guardPassphrase({ folder, clock: { nowMs: () => nowMs } }, () => {
        throw new Error('disk');
      }),
    ).toThrow('disk');
    expect(readdirSync(folder)).toEqual(['wrong-passphrases.json']);
  });
});
