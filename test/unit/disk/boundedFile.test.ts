import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readWholeFile } from '../../../core/disk/boundedFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyline-bounded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (sizeBytes: number): string => {
  const path = join(folder, String(sizeBytes));
  writeFileSync(path, Buffer.alloc(sizeBytes, 'content'));
  return path;
};

describe('a file that is read whole', () => {
  it.each([0, 1, 65_536, 200_000])('has all of its %i bytes, up to the limit', (sizeBytes) => {
    expect(readWholeFile(fileOf(sizeBytes), 200_000)).toEqual(Buffer.alloc(sizeBytes, 'content'));
  });

  it('is given up beyond the limit', () => {
    expect(readWholeFile(fileOf(200_001), 200_000)).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('is given up where it has no end and no size', () => {
    expect(readWholeFile('/dev/zero')).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('may be a pipe, whose size nobody knows beforehand', () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const reader = `import { readWholeFile } from ${JSON.stringify(new URL('../../../core/disk/boundedFile.ts', import.meta.url).href)};
      console.log(readWholeFile(${JSON.stringify(pipe)}, 100_000)?.length);`;
    const read = (sizeBytes: number): string =>
      spawnSync(
        'sh',
        [
          '-c',
          `head -c ${sizeBytes} /dev/zero > "$0" & "$1" --input-type=module -e "$2"`,
          pipe,
          process.execPath,
          reader,
        ],
        { encoding: 'utf8' },
      ).stdout.trim();
    expect([read(100_000), read(100_001)]).toEqual(['100000', 'undefined']);
  });
});
