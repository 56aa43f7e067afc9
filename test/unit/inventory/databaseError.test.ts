import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { databaseError } from '../../../core/inventory/database/databaseError.ts';

const path = join(tmpdir(), 'inventory.sqlite');
const thrown = (code: string) => Object.assign(new Error('words that may change'), { code });

describe('a failure of the database', () => {
  it.each([
    ['SQLITE_FULL', 'disk_full'],
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['SQLITE_READONLY', 'storage_read_only'],
    ['SQLITE_READONLY_DIRECTORY', 'storage_read_only'],
    ['EROFS', 'storage_read_only'],
    ['EACCES', 'storage_read_only'],
    ['EPERM', 'storage_read_only'],
    ['SQLITE_CORRUPT', 'inventory_invalid'],
    ['SQLITE_CORRUPT_INDEX', 'inventory_invalid'],
    ['SQLITE_NOTADB', 'inventory_invalid'],
    ['SQLITE_IOERR_FSYNC', 'storage_failed'],
    ['SQLITE_IOERR_WRITE', 'storage_failed'],
    ['SQLITE_IOERR_SHMSIZE', 'disk_full'],
    ['SQLITE_BUSY', 'storage_failed'],
    ['SQLITE_BUSY_SNAPSHOT', 'storage_failed'],
    ['EIO', 'storage_failed'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'record_refused'],
    ['SQLITE_CONSTRAINT_TRIGGER', 'record_refused'],
    ['SQLITE_MISUSE', 'internal'],
    ['ERR_INVALID_ARG_TYPE', 'internal'],
  ])('%s is %s', (code, expected) => {
    const cause = thrown(code);
    const error = databaseError(cause, path);
    expect(error.code).toBe(expected);
    expect(error.cause).toBe(cause);
  });

  it('asks the folder why a file could not be opened', () => {
    const missing = databaseError(
      thrown('SQLITE_CANTOPEN'),
      join(tmpdir(), 'no such folder', 'inventory.sqlite'),
    );
    expect(missing).toMatchObject({ code: 'storage_failed', details: { reason: 'ENOENT' } });
    expect(databaseError(thrown('SQLITE_CANTOPEN'), path)).toMatchObject({
      code: 'storage_failed',
      details: { reason: 'SQLITE_CANTOPEN' },
    });
  });

  it('passes the station’s own errors on and hides nothing of the others', () => {
    const own = new StationError('device_busy', { deviceSerial: 'SN-1' });
    expect(databaseError(own, path)).toBe(own);
    expect(databaseError(new TypeError('x'), path)).toMatchObject({
      code: 'internal',
      details: { message: 'x' },
    });
    expect(databaseError('text', path)).toMatchObject({ code: 'internal', details: { message: 'text' } });
  });
});
