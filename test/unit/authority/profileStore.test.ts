import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decideNames } from '../../../core/authority/content.ts';
import { loadProfiles, profileNamed } from '../../../core/authority/profileStore.ts';
import { clientProfile, refusal, SITE, temporaryFolder } from './fixtures.ts';

const SHIPPED = fileURLToPath(new URL('../../../resources/profiles/', import.meta.url));

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, name),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }
  return folder;
}
const plain = clientProfile();
const refused = (files: Readonly<Record<string, unknown>>) => refusal(() => loadProfiles(folderWith(files)));

describe('the shipped profiles', () => {
  const profiles = loadProfiles(SHIPPED);

  it('all load, each under the name of its file', () => {
    expect([...profiles.keys()].map((name) => `${name}.json`)).toEqual(readdirSync(SHIPPED).sort());
  });

  it('tls-client names the device and the site', () => {
    const { subject, altNames } = decideNames(profileNamed(profiles, 'tls-client'), {
      site: SITE,
      deviceSerial: 'SN+1',
    });
    expect(subject).toEqual([
      { attribute: 'O', value: SITE },
      { attribute: 'CN', value: 'SN+1' },
    ]);
    expect(altNames).toEqual([{ kind: 'uri', value: 'urn:keyline:device:SN%2B1' }]);
  });

  it.each(['station.local', '10.0.0.1', 'localhost'])(
    'tls-server names %s and this computer',
    (serverName) => {
      const { altNames } = decideNames(profileNamed(profiles, 'tls-server'), { site: SITE, serverName });
      const values = altNames.map(({ value }) => value);
      expect(values).toEqual(expect.arrayContaining([serverName, 'localhost', '127.0.0.1', '::1']));
      expect(new Set(values).size).toBe(values.length);
    },
  );

  it('have the purpose and the life that their names promise', () => {
    expect(profileNamed(profiles, 'tls-client')).toMatchObject({
      extendedKeyUsage: ['clientAuth'],
      validity: { days: 3650 },
    });
    expect(profileNamed(profiles, 'tls-server')).toMatchObject({
      extendedKeyUsage: ['serverAuth'],
      validity: { days: 825 },
    });
  });
});

describe('a folder of profiles', () => {
  it('is read past files of other kinds and a byte order mark', () => {
    const folder = folderWith({
      'a.json': `\ufeff${JSON.stringify(plain)}`,
      'readme.txt': 'x',
      '._a.json': '\0',
    });
    expect([...loadProfiles(folder).keys()]).toEqual(['client']);
  });

  it('gives an unknown name back with the known ones', () => {
    const profiles = loadProfiles(folderWith({ 'a.json': plain, 'b.json': { ...plain, name: 'other' } }));
    expect(refusal(() => profileNamed(profiles, 'clinet\n'))).toEqual({
      code: 'profile_unknown',
      details: { name: 'clinet\\u{a}', known: 'client, other' },
    });
    expect(refusal(() => profileNamed(profiles, '__proto__')).code).toBe('profile_unknown');
  });

  it('refuses the same name twice and says where', () => {
    expect(refused({ 'a.json': plain, 'b.json': plain })).toEqual({
      code: 'profile_invalid',
      details: { source: 'b.json', reason: 'name: "client" is already used in a.json' },
    });
  });

  it('names the line of a syntax error', () => {
    const { code, details } = refused({ 'a.json': '{\n  "name": "client",\n  "version": 1,\n  oops\n}' });
    expect(code).toBe('profile_invalid');
    expect(details).toMatchObject({ source: 'a.json', line: 4 });
  });

  it.each([
    ['an unknown field', { colour: 'red' }, /colour/],
    ['a misspelt field inside', { validity: { day: 3 } }, /validity/],
    [
      'an unknown value in a pattern',
      { subject: [{ attribute: 'CN', value: '{serial}' }] },
      /subject\[0\]\.value: unknown field \{serial\}/,
    ],
    ['a key usage no such key has', { keyUsage: ['keyEncipherment'] }, /keyUsage: keyEncipherment/],
    [
      'a country of three letters',
      { subject: [{ attribute: 'C', value: 'DEU' }] },
      /^subject\[0\]\.value: too-long$/,
    ],
    [
      'a URI with a space',
      { subjectAltName: { uris: ['urn:a b:{deviceSerial}'] } },
      /^subjectAltName\.uris\[0\]: alphabet$/,
    ],
    [
      'a host that is none',
      { subjectAltName: { dnsNames: ['a_b'] } },
      /^subjectAltName\.dnsNames\[0\]: alphabet$/,
    ],
    [
      'an address that is none',
      { subjectAltName: { ipAddresses: ['::1', '300.1.1.1'] } },
      /^subjectAltName\.ipAddresses\[1\]: address$/,
    ],
  ])('refuses %s', (_, changes, reason) => {
    const { code, details } = refused({
      'good.json': { ...plain, name: 'good' },
      'bad.json': { ...plain, ...changes },
    });
    expect(code).toBe('profile_invalid');
    expect(details.source).toBe('bad.json');
    expect(details.reason).toMatch(reason);
  });

  it.each([
    ['empty', ''],
    ['not an object', '[]'],
    ['not UTF-8', Buffer.from('"\xff"', 'latin1')],
    ['endless', `"${'a'.repeat(70_000)}"`],
  ])('refuses a file that is %s', (_, text) => {
    expect(refused({ 'a.json': text })).toMatchObject({
      code: 'profile_invalid',
      details: { source: 'a.json' },
    });
  });

  it('that is not there is refused', () => {
    const folder = join(temporaryFolder(), 'none');
    expect(refusal(() => loadProfiles(folder))).toEqual({
      code: 'profile_invalid',
      details: { source: folder, reason: 'ENOENT' },
    });
  });
});
