// When an authority signs at all: its clock is right, its CAs are alive, its key is open.

import { X509Certificate } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAuthority } from '../../../core/authority/authority.ts';
import {
  clientProfile,
  clientRequest,
  DAY_MS,
  fixedClock,
  NOW_MS,
  passphrase,
  quickCeremony,
  random,
  refusal,
  unlocked,
} from '../../unit/authority/fixtures.ts';

describe('the clock', () => {
  const folder = () => quickCeremony();

  it('must not run behind the newest certificate', () => {
    const authority = unlocked(folder());
    expect(() => authority.prepare(clientRequest(), NOW_MS)).not.toThrow();
    expect(refusal(() => authority.prepare(clientRequest(), NOW_MS + 1))).toEqual({
      code: 'clock_behind',
      details: { nowMs: NOW_MS, earliestMs: NOW_MS + 1, since: 'newest-certificate' },
    });
  });

  it('must not run behind the ceremony', () => {
    const nowMs = NOW_MS - 2 * DAY_MS;
    const authority = unlocked(folder(), fixedClock(nowMs));
    expect(refusal(() => authority.prepare(clientRequest(), undefined))).toMatchObject({
      code: 'clock_behind',
      details: { nowMs, since: 'issuing-ca' },
    });
  });

  it('ends issuing when the issuing CA ends', () => {
    const { notAfterMs } = openAuthority({ folder: folder(), clock: fixedClock(), random });
    const profile = clientProfile({ mayOutliveIssuer: true });
    const last = unlocked(folder(), fixedClock(notAfterMs));
    expect(() => last.prepare(clientRequest({ profile }), undefined)).not.toThrow();
    const late = unlocked(folder(), fixedClock(notAfterMs + 1));
    expect(refusal(() => late.prepare(clientRequest({ profile }), undefined))).toMatchObject({
      code: 'authority_invalid',
      details: { reason: 'expired', notAfterMs },
    });
  });

  it('refuses a leaf that outlives its issuer', () => {
    const { notAfterMs } = openAuthority({ folder: folder(), clock: fixedClock(), random });
    const authority = unlocked(folder(), fixedClock(notAfterMs - 300 * DAY_MS));
    expect(refusal(() => authority.prepare(clientRequest(), undefined))).toMatchObject({
      code: 'leaf_outlives_issuer',
      details: { issuerNotAfterMs: notAfterMs },
    });
    const forever = clientProfile({ validity: { until: '99991231235959Z' }, mayOutliveIssuer: true });
    const { certificateDer } = authority.issue(
      authority.prepare(clientRequest({ profile: forever }), undefined),
    );
    expect(new X509Certificate(certificateDer).validTo).toBe('Dec 31 23:59:59 9999 GMT');
  });
});

describe('unlocking', () => {
  it('takes the right passphrase, and locking forgets the key', () => {
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    expect(authority.locked).toBe(true);
    expect(refusal(() => authority.unlock(passphrase('wrong horse'))).code).toBe('passphrase_wrong');
    expect(authority.locked).toBe(true);
    authority.unlock(passphrase());
    expect(authority.locked).toBe(false);
    authority.lock();
    expect(authority.locked).toBe(true);
  });

  it('lends the passphrase and neither keeps nor wipes it', () => {
    const lent = passphrase();
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    authority.unlock(lent);
    expect(lent.wiped).toBe(false);
    lent.wipe();
    expect(() => authority.issue(authority.prepare(clientRequest(), undefined))).not.toThrow();
  });

  it('does not need the key of the root', () => {
    const folder = quickCeremony();
    rmSync(join(folder, 'root.key.pem'));
    rmSync(join(folder, 'authority.json'));
    const authority = unlocked(folder);
    expect(() => authority.issue(authority.prepare(clientRequest(), undefined))).not.toThrow();
  });

  it('refuses the key of another CA', () => {
    const folder = quickCeremony();
    copyFileSync(join(folder, 'root.key.pem'), join(folder, 'issuing.key.pem'));
    expect(refusal(() => unlocked(folder))).toMatchObject({
      code: 'authority_invalid',
      details: { reason: 'key-of-another-ca' },
    });
  });

  it('says when the key file is gone', () => {
    const folder = quickCeremony();
    rmSync(join(folder, 'issuing.key.pem'));
    const authority = openAuthority({ folder, clock: fixedClock(), random });
    expect(refusal(() => authority.unlock(passphrase()))).toEqual({
      code: 'authority_missing',
      details: { path: join(folder, 'issuing.key.pem') },
    });
  });

  it('is not needed to prepare', () => {
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    expect(() => authority.prepare(clientRequest(), undefined)).not.toThrow();
  });
});
