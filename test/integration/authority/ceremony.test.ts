// The ceremony on a real disk: everything or nothing, also when the process is killed in the middle.

import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../core/authority/ceremony.ts';
import { readEncryptedKey } from '../../../core/authority/keyVault.ts';
import { basicConstraintsOf, keyUsageOf, readCertificate } from '../../../core/authority/x509/certificate.ts';
import { describeCertificate } from '../../../core/authority/x509/describeCertificate.ts';
import {
  DAY_MS,
  fixedClock,
  NOW_MS,
  passphrase,
  quickCeremony,
  random,
  refusal,
  SITE,
  temporaryFolder,
  unlocked,
} from '../../unit/authority/fixtures.ts';

const FILES = ['authority.json', 'issuing.key.pem', 'issuing.pem', 'root.key.pem', 'root.pem'];
const ceremony = (changes: object) =>
  createAuthority({
    folder: join(temporaryFolder(), 'a'),
    passphrase: passphrase(),
    site: SITE,
    clock: fixedClock(),
    random,
    ...changes,
  });

describe('a ceremony', () => {
  let folder: string;
  beforeAll(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'keyline-ceremony-')), 'authority');
    createAuthority({ folder, passphrase: passphrase(), site: SITE, clock: fixedClock(), random });
  });
  afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

  const certificate = (name: string) => {
    const der = new X509Certificate(readFileSync(join(folder, name))).raw;
    return { ...readCertificate(der), der };
  };

  it('leaves five files and nothing beside them', () => {
    expect(readdirSync(folder).sort()).toEqual(FILES);
    expect(readdirSync(dirname(folder))).toEqual([basename(folder)]);
  });

  it.skipIf(process.platform === 'win32')('keeps the keys to their owner', () => {
    for (const name of FILES) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(name.endsWith('.key.pem') ? 0o600 : 0o644);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('makes a root for 30 years that allows one level below it', () => {
    const root = certificate('root.pem');
    expect(describeCertificate(root.der).subject).toBe(`O=${SITE}, CN=${SITE} Root CA`);
    expect(root.issuerDer).toEqual(root.subjectDer);
    expect(basicConstraintsOf(root)).toEqual({ certificateAuthority: true, pathLength: 1 });
    expect(keyUsageOf(root)).toEqual(['keyCertSign', 'cRLSign']);
    expect(root.extensions.filter(({ critical }) => critical).map(({ oid }) => oid)).toEqual([
      '2.5.29.19',
      '2.5.29.15',
    ]);
    expect(new Date(root.notAfterMs).toISOString()).toBe('2057-03-03T05:06:06.000Z');
  });

  it('makes an issuing CA for 20 years that allows only leaves below it', () => {
    const issuing = certificate('issuing.pem');
    expect(describeCertificate(issuing.der)).toMatchObject({
      subject: `O=${SITE}, CN=${SITE} Issuing CA 1`,
      issuer: `O=${SITE}, CN=${SITE} Root CA`,
    });
    expect(basicConstraintsOf(issuing)).toEqual({ certificateAuthority: true, pathLength: 0 });
    expect(keyUsageOf(issuing)).toEqual(['keyCertSign', 'cRLSign']);
    expect(new Date(issuing.notAfterMs).toISOString()).toBe('2047-03-03T05:06:06.000Z');
    expect(issuing.notBeforeMs).toBe(Math.floor((NOW_MS - DAY_MS) / 1000) * 1000);
  });

  it('puts both keys under the passphrase', () => {
    for (const name of ['root', 'issuing']) {
      const key = readEncryptedKey(join(folder, `${name}.key.pem`), passphrase());
      expect(new X509Certificate(certificate(`${name}.pem`).der).checkPrivateKey(key)).toBe(true);
    }
    expect(refusal(() => readEncryptedKey(join(folder, 'root.key.pem'), passphrase('no'))).code).toBe(
      'passphrase_wrong',
    );
  });

  it('writes the facts down, and no secret', () => {
    const facts = JSON.parse(readFileSync(join(folder, 'authority.json'), 'utf8'));
    const fingerprint = (name: string) => describeCertificate(certificate(name).der).sha256;
    expect(facts).toMatchObject({
      formatVersion: 1,
      site: SITE,
      created: new Date(NOW_MS).toISOString(),
      root: { sha256: fingerprint('root.pem') },
      issuing: { sha256: fingerprint('issuing.pem'), notAfter: '2047-03-03T05:06:06.000Z' },
    });
    expect(JSON.stringify(facts)).not.toMatch(/KEY|correct horse/);
  });

  it('is not held twice in one folder', () => {
    const before = readFileSync(join(folder, 'issuing.key.pem'));
    expect(refusal(() => ceremony({ folder }))).toEqual({
      code: 'authority_exists',
      details: { path: folder },
    });
    expect(readFileSync(join(folder, 'issuing.key.pem'))).toEqual(before);
  });
});

describe('a ceremony is refused', () => {
  it.each([
    ['passphrase_weak', { passphrase: passphrase('short') }],
    ['name_value_invalid', { site: '' }],
    ['name_value_invalid', { site: 'a\nb' }],
    ['name_value_invalid', { site: 'a'.repeat(52) }],
  ])('with %s, and leaves nothing', (code, changes) => {
    const parent = temporaryFolder();
    expect(refusal(() => ceremony({ folder: join(parent, 'a'), ...changes })).code).toBe(code);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('where a folder with anything in it stands', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'note.txt'), 'x');
    expect(refusal(() => ceremony({ folder })).code).toBe('authority_exists');
  });

  it('below a file', () => {
    const parent = temporaryFolder();
    writeFileSync(join(parent, 'file'), 'x');
    expect(refusal(() => ceremony({ folder: join(parent, 'file', 'a') })).code).toBe('path_unusable');
  });
});

describe('a ceremony takes', () => {
  it('the longest site name', () => {
    const site = '東'.repeat(51);
    const folder = join(temporaryFolder(), 'a');
    ceremony({ folder, site, pbkdf2Rounds: 1000 });
    expect(describeCertificate(unlocked(folder).issuingDer).subject).toBe(
      `O=${site}, CN=${site} Issuing CA 1`,
    );
  });

  it('an empty folder, and folders yet to be made', () => {
    expect(readdirSync(quickCeremony(temporaryFolder())).sort()).toEqual(FILES);
    expect(readdirSync(quickCeremony(join(temporaryFolder(), 'x', 'y', 'z'))).sort()).toEqual(FILES);
  });

  it('29 February', () => {
    const clock = fixedClock(Date.UTC(2028, 2, 1, 12));
    const folder = quickCeremony(join(temporaryFolder(), 'a'), clock);
    expect(new Date(describeCertificate(unlocked(folder, clock).rootDer).notAfterMs).toISOString()).toBe(
      '2058-03-01T11:59:59.000Z',
    );
  });
});

describe('an interrupted ceremony', () => {
  it('that fails leaves nothing', () => {
    for (let failing = 1; ; failing++) {
      const parent = temporaryFolder();
      const folder = join(parent, 'a');
      let calls = 0;
      const bytes = (sizeBytes: number) => {
        calls += 1;
        if (calls === failing) throw new Error('no entropy');
        return random.bytes(sizeBytes);
      };
      try {
        ceremony({ folder, random: { bytes }, pbkdf2Rounds: 1000 });
        expect(failing).toBeGreaterThan(5);
        return;
      } catch (error) {
        expect(error).toMatchObject({ message: 'no entropy' });
        expect(readdirSync(parent)).toEqual([]);
      }
    }
  });

  const KILLED = fileURLToPath(new URL('killedCeremony.ts', import.meta.url));
  it.each([1, 2, 3, 4, 5, 6])(
    'that is killed at step %i leaves no authority, and the next one cleans up',
    (step) => {
      const parent = temporaryFolder();
      const folder = join(parent, 'a');
      const child = spawnSync(process.execPath, [KILLED, folder, String(step)], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      expect(child.signal, child.stderr).toBe('SIGKILL');
      expect(existsSync(folder)).toBe(false);
      quickCeremony(folder);
      expect(readdirSync(parent)).toEqual(['a']);
      expect(unlocked(folder).locked).toBe(false);
    },
  );

  it('that was overtaken by another leaves that one alone', () => {
    const parent = temporaryFolder();
    const folder = join(parent, 'a');
    const bytes = (sizeBytes: number) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'root.pem'), 'of the other');
      return random.bytes(sizeBytes);
    };
    expect(refusal(() => ceremony({ folder, random: { bytes }, pbkdf2Rounds: 1000 })).code).toBe(
      'authority_exists',
    );
    expect(readdirSync(parent)).toEqual(['a']);
    expect(readFileSync(join(folder, 'root.pem'), 'utf8')).toBe('of the other');
  });

  it('of another authority nearby is not touched', () => {
    const parent = temporaryFolder();
    mkdirSync(join(parent, 'ab.partial-1'));
    mkdirSync(join(parent, 'a.partial-1'));
    mkdirSync(join(parent, 'a.partial-notes'));
    quickCeremony(join(parent, 'a'));
    expect(readdirSync(parent).sort()).toEqual(['a', 'a.partial-notes', 'ab.partial-1']);
  });
});
