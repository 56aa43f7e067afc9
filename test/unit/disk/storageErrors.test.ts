// The file system's refusals, by real ones where every machine has them, and by code for the others.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { storageErrors } from '../../../core/disk/storageErrors.ts';
import { StationError } from '../../../core/domain/stationError.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const thrownBy = (work: () => unknown): unknown => {
  try {
    storageErrors('/data', work);
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe('a refusal of the file system', () => {
  test.each([
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EFBIG', 'disk_full'],
    ['EROFS', 'storage_read_only'],
    ['EACCES', 'storage_read_only'],
    ['EPERM', 'storage_read_only'],
    ['EIO', 'storage_failed'],
    ['EMFILE', 'storage_failed'],
    ['EISDIR', 'path_unusable'],
    ['ENAMETOOLONG', 'path_unusable'],
  ])('%s is %s, names the place and keeps its cause', (errno, code) => {
    const cause = withCode(errno);
    const thrown = thrownBy(() => {
      throw cause;
    });
    expect(thrown).toMatchObject({ code, details: { path: '/data' }, cause });
  });

  test.skipIf(process.platform !== 'linux')('of a device that is always full is disk_full', () => {
    const thrown = thrownBy(() => {
      const file = openSync('/dev/full', 'w');
      try {
        writeSync(file, 'x');
      } finally {
        closeSync(file);
      }
    });
    expect(thrown).toMatchObject({ code: 'disk_full' });
  });

  test('of a file in a folder’s place is the path’s, not the disk’s', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyline-storage-'));
    try {
      writeFileSync(join(folder, 'file'), '');
      const thrown = thrownBy(() => readFileSync(join(folder, 'file', 'below')));
      expect(thrown).toMatchObject({ code: 'path_unusable', details: { reason: 'ENOTDIR' } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('is none of these where the program itself is at fault, or has said already what is wrong', () => {
    const bug = new TypeError('x is not a function');
    expect(
      thrownBy(() => {
        throw bug;
      }),
    ).toBe(bug);
    const said = new StationError('name_value_invalid', { field: 'site' });
    expect(
      thrownBy(() => {
        throw said;
      }),
    ).toBe(said);
    expect(storageErrors('/data', () => 7)).toBe(7);
  });
});
