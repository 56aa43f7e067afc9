// An issuing CA whose key is on a PKCS#11 token: SoftHSM2, where it is installed (Debian: softhsm2).

import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTokenKey, openTokenKey } from '../../../core/authority/pkcs11/tokenKey.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { ok } from '../../support/cliExpect.ts';
import { cli } from '../../support/cliProcess.ts';

const MODULE = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
].find(existsSync);
const PIN = 'a token pin of some length';

describe.skipIf(MODULE === undefined)('a key on a token (softhsm2)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-token-'));
  const module = MODULE ?? '';
  let slot = -1;

  beforeAll(() => {
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(join(folder, 'softhsm2.conf'), `directories.tokendir = ${join(folder, 'tokens')}\n`);
    process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
    const said = execFileSync('softhsm2-util', [
      '--init-token',
      '--free',
      '--label',
      'keyline',
      '--pin',
      PIN,
      '--so-pin',
      '12345678',
    ]).toString();
    slot = Number(/slot (\d+)\s*$/.exec(said.trim())?.[1]);
  });
  afterAll(() => {
    delete process.env.SOFTHSM2_CONF;
    rmSync(folder, { recursive: true, force: true });
  });

  const reference = (keyLabel: string) => ({ module, slot, keyLabel });
  const code = (work: () => unknown): string | undefined => {
    try {
      work();
    } catch (error) {
      return error instanceof StationError ? error.code : String(error);
    }
    return undefined;
  };

  it('signs so that node:crypto verifies, whatever leading zeros r and s have', () => {
    makeTokenKey(reference('one'), Secret.fromText(PIN), systemRandom);
    const key = openTokenKey(reference('one'), Secret.fromText(PIN));
    try {
      const publicKey = createPublicKey({ key: Buffer.from(key.publicKeySpki), format: 'der', type: 'spki' });
      const lengths = new Set<number>();
      for (let i = 0; i < 600; i += 1) {
        const message = Buffer.from(`message ${i}`);
        const signature = key.sign(message);
        lengths.add(signature.length);
        expect(verify('sha256', message, publicKey, signature)).toBe(true);
      }
      expect(lengths.size).toBeGreaterThan(2);
    } finally {
      key.close();
    }
  });

  it('refuses a wrong PIN, a missing key, a label that is taken, a slot and a module that are not there', () => {
    const pin = (): Secret => Secret.fromText(PIN);
    expect(code(() => openTokenKey(reference('one'), Secret.fromText('wrong')))).toBe('passphrase_wrong');
    expect(code(() => openTokenKey(reference('none'), pin()))).toBe('token_failed');
    expect(code(() => makeTokenKey(reference('one'), pin(), systemRandom))).toBe('token_failed');
    expect(code(() => openTokenKey({ ...reference('one'), slot: 99 }, pin()))).toBe('token_failed');
    expect(code(() => openTokenKey({ ...reference('one'), module: '/nowhere.so' }, pin()))).toBe(
      'token_failed',
    );
    // Everything was given back: the right PIN still opens it.
    openTokenKey(reference('one'), pin()).close();
  });

  it('is an issuing CA through the ceremony, and no key file appears', async () => {
    const env = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
    const root = { data: join(folder, 'root'), env };
    const station = { data: join(folder, 'station'), passphrase: PIN, env };
    const stick = join(folder, 'stick');
    await ok(['ceremony', 'root', '--site', 'Plant 9'], root);
    const token = ['--pkcs11', `${module}:${slot}`, '--key-label', 'issuing', '--make-key'];
    await ok(['ceremony', 'request', '--site', 'Plant 9', ...token, '--out', stick], station);
    await ok(['ceremony', 'sign', join(stick, 'issuing.csr.pem'), '--out', stick], root);
    await ok(['ceremony', 'install', join(stick, 'issuing.chain.pem')], station);
    expect(readdirSync(join(station.data, 'authority')).filter((name) => name.includes('key.pem'))).toEqual(
      [],
    );
    const shown = await ok(['authority', 'show'], station);
    expect(shown.line('issuing-ca').custody).toBe('token');
    await ok(['issue', 'server', '--name', 'edge.example', '--out', join(folder, 'edge')], station);
    await ok(['order', 'create', 'WO-1', '--quantity', '30'], station);
    const batch = [
      'batch',
      'issue',
      '--order',
      'WO-1',
      '--prefix',
      'SN-',
      '--out',
      join(folder, 'batch.jsonl'),
    ];
    expect((await ok(batch, station)).line('batch-issued').issuedCount).toBe(30);
    const verified = execFileSync('openssl', [
      'verify',
      '-x509_strict',
      '-CAfile',
      join(folder, 'edge/root.pem'),
      '-untrusted',
      join(folder, 'edge/server.pem'),
      join(folder, 'edge/server.pem'),
    ]);
    expect(verified.toString()).toContain('OK');
    const refused = await cli(['issue', 'server', '--name', 'x.example', '--out', join(folder, 'x')], {
      ...station,
      passphrase: 'not the pin',
    });
    expect(refused.line('error').code).toBe('passphrase_wrong');
  });
});
