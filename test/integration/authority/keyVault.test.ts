import { createPublicKey } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportPkcs8 } from '../../../core/authority/encryptedKey.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { readEncryptedKey, writeEncryptedKey } from '../../../core/authority/keyVault.ts';
import { toPem } from '../../../core/der/pem.ts';
import { replaceFile } from '../../../core/disk/durableFile.ts';
import { storageErrors } from '../../../core/disk/storageErrors.ts';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import { passphrase, random, refusal, temporaryFolder } from '../../unit/authority/fixtures.ts';

const keys = new StationKeyMaker();

describe('the key vault', () => {
  it.each(KEY_ALGORITHMS)('gives a %s key back as it was', (algorithm) => {
    const path = join(temporaryFolder(), 'edge.key.pem');
    const { publicKeySpki, privateKeyPkcs8 } = keys.generate(algorithm);
    writeEncryptedKey(path, privateKeyPkcs8, passphrase(), random);
    const key = readEncryptedKey(path, passphrase());
    expect(createPublicKey(key).export({ format: 'der', type: 'spki' }).equals(publicKeySpki)).toBe(true);
    expect(exportPkcs8(key).use((bytes) => Buffer.from(bytes).toString('hex'))).toBe(
      privateKeyPkcs8.use((bytes) => Buffer.from(bytes).toString('hex')),
    );
    expect(refusal(() => readEncryptedKey(path, passphrase('wrong'))).code).toBe('passphrase_wrong');
  });

  it('replaces a key, privately, and leaves nothing beside it', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'edge.key.pem');
    writeFileSync(path, 'old');
    chmodSync(path, 0o644);
    writeEncryptedKey(path, keys.generate('P-256').privateKeyPkcs8, passphrase(), random);
    expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(readdirSync(folder)).toEqual(['edge.key.pem']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the old file and leaves nothing beside it when the new one cannot take its place', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    expect(refusal(() => replaceFile(join(folder, 'taken'), 'x', 0o600))).toMatchObject({
      code: 'path_unusable',
    });
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it.each([
    ['text', 'hello'],
    ['an unencrypted key', toPem('PRIVATE KEY', Uint8Array.of(0x30, 0))],
    ['rubbish', toPem('ENCRYPTED PRIVATE KEY', Uint8Array.of(0x30, 0))],
    ['two keys', toPem('ENCRYPTED PRIVATE KEY', Uint8Array.of(1)).repeat(2)],
  ])('refuses a file with %s', (_, text) => {
    const path = join(temporaryFolder(), 'x.pem');
    writeFileSync(path, text);
    expect(refusal(() => readEncryptedKey(path, passphrase()))).toMatchObject({
      code: 'authority_invalid',
      details: { path },
    });
  });

  it('says when a file is missing, or no file', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'x.pem');
    expect(refusal(() => readEncryptedKey(path, passphrase()))).toEqual({
      code: 'authority_missing',
      details: { path },
    });
    expect(refusal(() => readEncryptedKey(folder, passphrase()))).toMatchObject({
      code: 'path_unusable',
      details: { reason: 'EISDIR' },
    });
  });
});

describe('what the file system refuses', () => {
  it.each([
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EROFS', 'storage_read_only'],
    ['EACCES', 'storage_read_only'],
    ['EIO', 'storage_failed'],
  ])('as %s is %s', (reason, code) => {
    const refuse = () => {
      throw Object.assign(new Error(reason), { code: reason, syscall: 'write' });
    };
    expect(refusal(() => storageErrors('/x', refuse))).toEqual({ code, details: { path: '/x', reason } });
  });

  it('is told from our own mistakes', () => {
    const mistake = () => {
      throw new TypeError('x');
    };
    expect(() => storageErrors('/x', mistake)).toThrow(TypeError);
  });
});
