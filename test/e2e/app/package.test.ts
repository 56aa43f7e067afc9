// The package itself, without starting it: what it contains, that every byte is what was packed, and its fuses.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { missingApp, packaged, root } from './electron.ts';

const resources = join(packaged, '..', 'resources');
const asarPath = join(resources, 'app.asar');

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
  readonly size?: number;
  readonly offset?: string;
  readonly unpacked?: boolean;
  readonly integrity?: { readonly algorithm: string; readonly hash: string };
}

interface PackedFile {
  readonly path: string;
  readonly entry: Entry;
  readonly bytes: Buffer;
}

/** The archive as it lies on the disk: a pickled JSON header, then the files one after the other. */
function packedFiles(): readonly PackedFile[] {
  const archive = readFileSync(asarPath);
  const header = JSON.parse(archive.toString('utf8', 16, 16 + archive.readUInt32LE(12))) as Entry;
  const base = 8 + archive.readUInt32LE(4);
  const walk = (entry: Entry, path: string): PackedFile[] =>
    entry.files === undefined
      ? [{ path, entry, bytes: bytesOf(entry, path) }]
      : Object.entries(entry.files).flatMap(([name, child]) =>
          walk(child, path === '' ? name : `${path}/${name}`),
        );
  const bytesOf = ({ unpacked, offset, size }: Entry, path: string): Buffer =>
    unpacked === true
      ? readFileSync(join(`${asarPath}.unpacked`, path))
      : archive.subarray(base + Number(offset), base + Number(offset) + (size ?? 0));
  return walk(header, '');
}

describe.skipIf(missingApp !== undefined)(`the package ${missingApp ?? ''}`, () => {
  it('has its fuses set: no Node mode, no options from outside, only this archive', async () => {
    const wire = (await getCurrentFuseWire(packaged)) as unknown as Record<number, number>;
    expect({
      runAsNode: wire[FuseV1Options.RunAsNode],
      cookies: wire[FuseV1Options.EnableCookieEncryption],
      nodeOptions: wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
      integrity: wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
      onlyAsar: wire[FuseV1Options.OnlyLoadAppFromAsar],
    }).toEqual({
      runAsNode: FuseState.DISABLE,
      cookies: FuseState.ENABLE,
      nodeOptions: FuseState.DISABLE,
      integrity: FuseState.ENABLE,
      onlyAsar: FuseState.ENABLE,
    });
  });

  it('holds in its archive exactly the bytes that its header promises', () => {
    const files = packedFiles();
    expect(files.length).toBeGreaterThan(20);
    for (const { path, entry, bytes } of files) {
      expect(entry.integrity?.algorithm, path).toBe('SHA256');
      expect(createHash('sha256').update(bytes).digest('hex'), path).toBe(entry.integrity?.hash);
    }
  });

  it('contains the app and nothing of its making', () => {
    const paths = packedFiles().map(({ path }) => path);
    const ours = paths.filter((path) => !path.startsWith('node_modules/'));
    for (const needed of ['main', 'preload', 'station'])
      expect(ours).toContain(`dist/electron/${needed}.cjs`);
    expect(ours).toContain('dist/renderer/index.html');
    expect(
      ours.filter(
        (path) => !/^(package\.json$|dist\/(electron|renderer)\/|resources\/(profiles|targets)\/)/.test(path),
      ),
    ).toEqual([]);
    expect(paths.filter((path) => /\.(ts|tsx|map|md)$|fake|\.test\./.test(path))).toEqual([]);
    expect(readdirSync(resources)).not.toContain('default_app.asar');
  });

  it('brings every profile and target', () => {
    const paths = packedFiles().map(({ path }) => path);
    for (const folder of ['profiles', 'targets'])
      expect(paths).toEqual(
        expect.arrayContaining(
          readdirSync(join(root, 'resources', folder)).map((name) => `resources/${folder}/${name}`),
        ),
      );
  });

  it('keeps outside its archive only the native parts of this platform, and the udev rule beside it', () => {
    const unpacked = readdirSync(`${asarPath}.unpacked`, { recursive: true, encoding: 'utf8' });
    const native = unpacked.filter((path) => path.endsWith('.node'));
    for (const name of ['better-sqlite3', '@serialport/bindings-cpp', '@koromix'])
      expect(
        native.some((path) => path.startsWith(`node_modules/${name}/`)),
        name,
      ).toBe(true);
    expect(native.filter((path) => /win32|darwin|android/.test(path))).toEqual([]);
    expect(
      unpacked.filter((path) => !/^node_modules($|\/(better-sqlite3|@serialport|@koromix)($|\/))/.test(path)),
    ).toEqual([]);
    expect(existsSync(join(resources, '99-keyline.rules'))).toBe(true);
    expect(readFileSync(join(resources, '99-keyline.rules'))).toEqual(
      readFileSync(join(root, 'build', '99-keyline.rules')),
    );
  });
});
