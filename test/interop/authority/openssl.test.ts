// What openssl says to certificates and key files. Skipped by name where openssl is not installed.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, openAuthority } from '../../../core/authority/authority.ts';
import { createAuthority } from '../../../core/authority/ceremony.ts';
import { exportPkcs8 } from '../../../core/authority/encryptedKey.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { readEncryptedKey } from '../../../core/authority/keyVault.ts';
import { loadProfiles, profileNamed } from '../../../core/authority/profileStore.ts';
import { toPem } from '../../../core/der/pem.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { KEY_ALGORITHMS, type Profile } from '../../../core/domain/profile.ts';
import { PASSPHRASE, passphrase, random, temporaryFolder } from '../../unit/authority/fixtures.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

const profiles = loadProfiles(fileURLToPath(new URL('../../../resources/profiles/', import.meta.url)));
const keys = new StationKeyMaker();
const SITE = 'Zürich "1", <Nord> \\ #2';
const VALUES = {
  site: SITE,
  deviceSerial: 'SN:1/2+3',
  hardwareId: 'H1',
  order: 'O1',
  serverName: 'mqtt.plant.example',
};

describe.skipIf(!hasOpenssl)('openssl', () => {
  let folder: string;
  let authority: Authority;
  beforeAll(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'keyline-openssl-')), 'authority');
    createAuthority({ folder, passphrase: passphrase(), site: SITE, clock: systemClock, random });
    authority = openAuthority({ folder, clock: systemClock, random });
    authority.unlock(passphrase());
  });
  afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  function issued(profile: Profile, values = VALUES) {
    const path = join(temporaryFolder(), 'leaf.pem');
    const { publicKeySpki, privateKeyPkcs8 } = keys.generate(profile.keyAlgorithm);
    const certificateSerial = authority.reserveCertificateSerial();
    const prepared = authority.prepare({ profile, certificateSerial, publicKeySpki, values }, undefined);
    writeFileSync(path, toPem('CERTIFICATE', authority.issue(prepared).certificateDer));
    return { path, privateKeyPkcs8 };
  }

  // With every kind of key, except where the key usage suits only RSA. Matter's needs a CA of its own: matter.test.ts.
  const ofAnyCa = [...profiles.values()].filter(({ name }) => name !== 'matter-dac');
  const cases = ofAnyCa.flatMap((profile) =>
    profile.keyUsage.includes('keyEncipherment')
      ? [profile]
      : KEY_ALGORITHMS.map((keyAlgorithm) => ({ ...profile, keyAlgorithm })),
  );
  it.each(cases)('verifies $name with a $keyAlgorithm key, strictly', (profile) => {
    const { path } = issued(profile);
    const allowed = { sslclient: 'clientAuth', sslserver: 'serverAuth' } as const;
    const verify = ['verify', '-x509_strict', '-check_ss_sig'];
    const chain = ['-CAfile', join(folder, 'root.pem'), '-untrusted', join(folder, 'issuing.pem')];
    expect(openssl(...verify, ...chain, path)).toContain(': OK');
    for (const [purpose, usage] of Object.entries(allowed)) {
      // Without an extended key usage every purpose is allowed (RFC 5280 4.2.1.12).
      const fits = profile.extendedKeyUsage.length === 0 || profile.extendedKeyUsage.includes(usage);
      expect(spawnSync('openssl', [...verify, '-purpose', purpose, ...chain, path]).status === 0).toBe(fits);
    }
  });

  it('finds the server by each of its names', () => {
    const { path } = issued(profileNamed(profiles, 'tls-server'));
    const check = (...args: readonly string[]) => openssl('x509', '-noout', '-in', path, ...args);
    expect(check('-checkhost', 'mqtt.plant.example')).toContain('does match');
    expect(check('-checkhost', 'localhost')).toContain('does match');
    expect(check('-checkip', '127.0.0.1')).toContain('does match');
    expect(check('-checkip', '::1')).toContain('does match');
    expect(check('-checkhost', 'other.example')).toContain('does NOT match');
  });

  it.each(['he said "x" y', '#0c0141', 'back\\slash', 'evil, Inc', 'CN=x+O=y', '東京 😀', "O'Neil; <b>"])(
    'shows the name %s as it is',
    (site) => {
      const { path } = issued(profileNamed(profiles, 'tls-client'), { ...VALUES, site });
      const shown = openssl('x509', '-noout', '-in', path, '-subject', '-nameopt', 'sep_multiline,utf8');
      expect(shown).toContain(`O=${site}\n`);
      expect(shown).toContain(`CN=${VALUES.deviceSerial}\n`);
    },
  );

  it('shows the extensions as they are meant', () => {
    const { path } = issued(profileNamed(profiles, 'tls-client'));
    const text = openssl('x509', '-noout', '-in', path, '-text');
    expect(text).toMatch(/X509v3 Basic Constraints: *\n +CA:FALSE\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\n +Digital Signature\n/);
    expect(text).toMatch(/X509v3 Extended Key Usage: *\n +TLS Web Client Authentication\n/);
    expect(text).toContain('URI:urn:keyline:device:SN%3A1%2F2%2B3');
  });

  it.each(['root', 'issuing'])('opens the %s key with the passphrase, and not with another', (name) => {
    const key = join(folder, `${name}.key.pem`);
    const publicKey = openssl('pkey', '-in', key, '-passin', `pass:${PASSPHRASE}`, '-pubout');
    expect(publicKey).toBe(openssl('x509', '-in', join(folder, `${name}.pem`), '-noout', '-pubkey'));
    expect(spawnSync('openssl', ['pkey', '-in', key, '-passin', 'pass:wrong']).status).not.toBe(0);
  });

  it.each(['root', 'issuing'])('counts at least 600,000 rounds in the %s key file', (name) => {
    const shown = openssl('asn1parse', '-in', join(folder, `${name}.key.pem`));
    expect(shown).toMatch(/PBES2[\s\S]*PBKDF2[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
    const rounds = Number.parseInt(/INTEGER +:([0-9A-F]+)/.exec(shown)?.[1] ?? '', 16);
    expect(rounds).toBeGreaterThanOrEqual(600_000);
  });

  it.each(KEY_ALGORITHMS)('reads a %s key made at the station', (algorithm) => {
    const path = join(temporaryFolder(), 'key.der');
    writeFileSync(
      path,
      keys.generate(algorithm).privateKeyPkcs8.use((bytes) => bytes.slice()),
    );
    expect(openssl('pkey', '-inform', 'DER', '-in', path, '-check', '-noout')).toContain('Key is valid');
  });

  it('writes key files that the vault opens', () => {
    const own = temporaryFolder();
    const [plain, encrypted] = [join(own, 'plain.pem'), join(own, 'encrypted.pem')];
    const { privateKeyPkcs8 } = keys.generate('P-256');
    writeFileSync(
      plain,
      privateKeyPkcs8.use((bytes) => toPem('PRIVATE KEY', bytes)),
    );
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      plain,
      '-out',
      encrypted,
      '-passout',
      `pass:${PASSPHRASE}`,
      '-v2',
      'aes-256-cbc',
      '-iter',
      '700000',
    );
    const read = exportPkcs8(readEncryptedKey(encrypted, passphrase()));
    expect(read.use((bytes) => toPem('PRIVATE KEY', bytes))).toBe(readFileSync(plain, 'utf8'));
  });

  it.each(['utf8only', 'default'])(
    'accepts leaves of a CA that it named itself with string_mask %s',
    (mask) => {
      const own = temporaryFolder();
      const file = (name: string): string => join(own, name);
      writeFileSync(
        file('ca.cnf'),
        `[req]\nstring_mask=${mask}\ndistinguished_name=dn\nx509_extensions=ca\nprompt=no\n[dn]\nC=DE\nO=Own & Co\nCN=Own CA\n` +
          '[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
      );
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-config',
        file('ca.cnf'),
        '-days',
        '8000',
        '-passout',
        `pass:${PASSPHRASE}`,
        '-keyout',
        file('issuing.key.pem'),
        '-out',
        file('issuing.pem'),
      );
      writeFileSync(file('root.pem'), readFileSync(file('issuing.pem')));
      const imported = openAuthority({ folder: own, clock: systemClock, random });
      imported.unlock(passphrase());
      const { publicKeySpki } = keys.generate('P-256');
      const certificateSerial = imported.reserveCertificateSerial();
      const request = {
        profile: profileNamed(profiles, 'tls-client'),
        certificateSerial,
        publicKeySpki,
        values: VALUES,
      };
      writeFileSync(
        file('leaf.pem'),
        toPem('CERTIFICATE', imported.issue(imported.prepare(request, undefined)).certificateDer),
      );
      expect(openssl('verify', '-x509_strict', '-CAfile', file('root.pem'), file('leaf.pem'))).toContain(
        ': OK',
      );
    },
  );
});
