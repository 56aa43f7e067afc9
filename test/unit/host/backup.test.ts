// The form of a backup: what was put in comes out, and nothing that was changed in it goes unnoticed.

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { readArchive, readFirst, writeArchive } from '../../../core/host/backup/archive.ts';
import { BLOCK_BYTES, isPlainPath, readTarHeader, tarHeader } from '../../../core/host/backup/tar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (thrown: unknown) => (thrown instanceof StationError ? thrown.code : String(thrown)),
  );

const FILES = [
  { name: 'keyline-backup.json', bytes: Buffer.from('{"format":1}') },
  { name: 'authority/issuing/key.pem', bytes: Buffer.alloc(1_700, 'k') },
  { name: 'empty', bytes: Buffer.alloc(0) },
  { name: 'exact', bytes: Buffer.alloc(BLOCK_BYTES, 1) },
];

describe('a header', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,40}$/);
  const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));

  it('is read as it was written, for every path and size that the format holds', () => {
    fc.assert(
      fc.property(path, fc.integer({ min: 0, max: 8 ** 11 - 1 }), (name, sizeBytes) => {
        const header = tarHeader({ name, sizeBytes });
        if (header === undefined) return name.length > 100;
        return JSON.stringify(readTarHeader(header)) === JSON.stringify({ name, sizeBytes });
      }),
    );
  });

  it('that is not exactly one is none', () => {
    fc.assert(
      fc.property(fc.nat(BLOCK_BYTES - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const header = Uint8Array.from(tarHeader({ name: 'a/b', sizeBytes: 77 }) ?? []);
        header[at] = (header[at] ?? 0) ^ change;
        const read = readTarHeader(header);
        // A changed name or size would need its sum changed with it.
        return read === undefined;
      }),
    );
  });

  it('names nothing outside the folder it is read into', () => {
    for (const name of [
      '../x',
      'a/../../x',
      '/etc/passwd',
      'a//b',
      'a/',
      '',
      'C:\\x',
      '..',
      '.ssh/x',
      'a\0b',
    ]) {
      expect(isPlainPath(name), name).toBe(false);
      expect(tarHeader({ name, sizeBytes: 1 }), name).toBeUndefined();
    }
  });
});

describe('an archive', () => {
  it('gives back every file, and by hand with tar and sha256sum too', async () => {
    const path = join(folder, 'backup.tar');
    await writeArchive(path, FILES);
    const into = join(folder, 'into');
    mkdirSync(into);
    const entries = await readArchive(path, into);
    expect(entries.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
    for (const { name, bytes } of FILES) expect(readFileSync(join(into, name))).toEqual(bytes);
    expect((await readFirst(path, 1_000)).name).toBe('keyline-backup.json');

    const byHand = join(folder, 'by-hand');
    mkdirSync(byHand);
    const tar = spawnSync('tar', ['xf', path, '-C', byHand], { encoding: 'utf8' });
    if (tar.error !== undefined) return;
    expect(tar.stderr).toBe('');
    const sums = spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: byHand, encoding: 'utf8' });
    if (sums.error !== undefined) return;
    expect(sums.status, sums.stdout + sums.stderr).toBe(0);
  });

  it('is refused for any byte that is changed', async () => {
    const path = join(folder, 'backup.tar');
    await writeArchive(path, FILES);
    const whole = readFileSync(path);
    const broken = join(folder, 'broken.tar');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        writeFileSync(broken, bytes);
        expect(await code(readArchive(broken))).toBe('backup_damaged');
      }),
      { numRuns: 300 },
    );
  });

  it('is refused wherever it was cut, and with anything after its end', async () => {
    const path = join(folder, 'backup.tar');
    await writeArchive(path, FILES);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        truncateSync(path, 0);
        writeFileSync(path, whole.subarray(0, length));
        expect(await code(readArchive(path))).toBe('backup_damaged');
      }),
      { numRuns: 100 },
    );
    writeFileSync(path, whole);
    appendFileSync(path, Buffer.alloc(BLOCK_BYTES));
    expect(await code(readArchive(path))).toBe('backup_damaged');
  });

  it('made of anything else is refused, and a file that is not there says so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (bytes) => {
        writeFileSync(join(folder, 'x'), bytes);
        expect(await code(readArchive(join(folder, 'x')))).toBe('backup_damaged');
      }),
      { numRuns: 50 },
    );
    expect(await code(readArchive(join(folder, 'none')))).toBe('storage_failed');
  });

  it('that cannot be written says so, and a file that vanished meanwhile is left out', async () => {
    const path = '/dev/full/backup.tar';
    expect(await code(writeArchive(path, FILES))).toBe('storage_failed');
    const missing = join(folder, 'gone');
    await writeArchive(join(folder, 'a.tar'), [...FILES, { name: 'gone', path: missing }]);
    expect((await readArchive(join(folder, 'a.tar'))).map(({ name }) => name)).not.toContain('gone');
  });
});
