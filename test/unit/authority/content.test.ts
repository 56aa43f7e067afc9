import { describe, expect, it } from 'vitest';
import { decideNames, decideValidity, NO_EXPIRY_MS, type Validity } from '../../../core/authority/content.ts';
import { clientProfile, DAY_MS, NOW_MS, refusal } from './fixtures.ts';

const issuer: Validity = { notBeforeMs: NOW_MS - 3650 * DAY_MS, notAfterMs: NOW_MS + 3650 * DAY_MS };
const NOW_SECONDS_MS = Math.floor(NOW_MS / 1000) * 1000;

describe('names of a holder', () => {
  it('follow the profile, encoded for where they stand', () => {
    expect(decideNames(clientProfile(), { site: 'Plant 1', deviceSerial: 'SN:1/2' })).toEqual({
      subject: [
        { attribute: 'O', value: 'Plant 1' },
        { attribute: 'CN', value: 'SN:1/2' },
      ],
      altNames: [{ kind: 'uri', value: 'urn:keyline:device:SN%3A1%2F2' }],
    });
  });

  it('name nothing twice, and put an address where addresses belong', () => {
    const profile = clientProfile({
      subjectAltName: { dnsNames: ['{serverName}', 'localhost'], ipAddresses: ['127.0.0.1'] },
    });
    const named = (serverName: string) =>
      decideNames(profile, { site: 'a', deviceSerial: 'b', serverName }).altNames.map(({ value }) => value);
    expect(named('localhost')).toEqual(['localhost', '127.0.0.1']);
    expect(named('127.0.0.1')).toEqual(['127.0.0.1', 'localhost']);
    expect(named('mqtt.plant')).toEqual(['mqtt.plant', 'localhost', '127.0.0.1']);
  });

  it.each([{ site: 'a' }, { deviceSerial: 'b' }, { site: '', deviceSerial: 'b' }])(
    'need every value: %j',
    (values) => {
      expect(refusal(() => decideNames(clientProfile(), values)).code).toBe('value_invalid');
    },
  );

  it('take a value as it is, also where it looks like a pattern', () => {
    const { subject } = decideNames(clientProfile(), { site: '{deviceSerial}', deviceSerial: 'b' });
    expect(subject[0]?.value).toBe('{deviceSerial}');
  });
});

describe('validity', () => {
  it('begins back-dated and lasts the days of the profile, both ends included', () => {
    const { notBeforeMs, notAfterMs } = decideValidity(
      clientProfile({ backdateMinutes: 90 }),
      issuer,
      NOW_MS,
    );
    expect(notBeforeMs).toBe(NOW_SECONDS_MS - 90 * 60_000);
    expect(notAfterMs + 1000 - notBeforeMs).toBe(365 * DAY_MS);
  });

  it('never begins before the issuer', () => {
    const young = { ...issuer, notBeforeMs: NOW_SECONDS_MS - 5000 };
    expect(decideValidity(clientProfile(), young, NOW_MS).notBeforeMs).toBe(young.notBeforeMs);
  });

  it('may end with the issuer to the second, and not after it', () => {
    const { notAfterMs } = decideValidity(clientProfile(), issuer, NOW_MS);
    expect(() => decideValidity(clientProfile(), { ...issuer, notAfterMs }, NOW_MS)).not.toThrow();
    expect(
      refusal(() => decideValidity(clientProfile(), { ...issuer, notAfterMs: notAfterMs - 1000 }, NOW_MS)),
    ).toEqual({
      code: 'leaf_outlives_issuer',
      details: { profile: 'client', notAfterMs, issuerNotAfterMs: notAfterMs - 1000 },
    });
  });

  it('has no end where the profile says so', () => {
    const forever = { validity: { until: '99991231235959Z' } };
    expect(refusal(() => decideValidity(clientProfile(forever), issuer, NOW_MS)).code).toBe(
      'leaf_outlives_issuer',
    );
    const profile = clientProfile({ ...forever, mayOutliveIssuer: true });
    expect(decideValidity(profile, issuer, NOW_MS).notAfterMs).toBe(NO_EXPIRY_MS);
  });
});
