import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { readKeygenReply } from '../../../core/link/nrf91/keygenReply.ts';
import { type KeygenForm, keygenText } from '../../../core/simulator/nrf91/keygen.ts';
import { DeviceKey } from '../../../core/simulator/proof/deviceKey.ts';

const key = new DeviceKey();
const identityKey = new DeviceKey();
const facts = {
  deviceUuid: '50363154-3931-44f0-8022-121b6401627d',
  securityTag: 16_842_753,
  nonce: new Uint8Array(16).fill(9),
};
const newFirmware: KeygenForm = {
  nullParameter: false,
  digestWithNullParameter: false,
  signedSecurityTag: false,
  statement: true,
};
const line = (form: Partial<KeygenForm> = {}, securityTag = facts.securityTag): string =>
  `%KEYGEN: "${keygenText(key, identityKey, { ...facts, securityTag }, { ...newFirmware, ...form })}"`;

const reasonOf = (text: string, tag = facts.securityTag): unknown => {
  try {
    readKeygenReply(text, tag);
  } catch (error) {
    if (error instanceof StationError) return error.details.reason;
    throw error;
  }
  return 'accepted';
};

describe('the answer to AT%KEYGEN', () => {
  it.each([
    ['of new firmware', {}],
    ['with the NULL parameter of old firmware', { nullParameter: true }],
    ['whose digest covers the form with NULL', { digestWithNullParameter: true }],
  ] as const)('%s is read and its digest checked', (_, form) => {
    const reply = readKeygenReply(line(form), facts.securityTag);
    expect(Buffer.from(reply.request.publicKeySpki).equals(key.publicKeySpki)).toBe(true);
    expect(reply.statement).toEqual({
      messageType: 9,
      deviceUuid: facts.deviceUuid,
      securityTag: facts.securityTag,
    });
  });

  it('is base64url without padding', () => {
    expect(line()).not.toMatch(/[+/=]/);
  });

  it('may hold a tag that turned negative', () => {
    const tag = 2_147_483_650;
    expect(readKeygenReply(line({ signedSecurityTag: true }, tag), tag).statement?.securityTag).toBe(tag);
  });

  it('may hold the request alone', () => {
    expect(readKeygenReply(line({ statement: false }), facts.securityTag).statement).toBeUndefined();
  });

  it('is refused when request and statement do not belong together', () => {
    const other = keygenText(new DeviceKey(), identityKey, facts, newFirmware).split('.')[1];
    expect(reasonOf(line().replace(/\.[^"]+/, `.${other}`))).toBe('digest');
    expect(reasonOf(line(), 42)).toBe('security tag');
    expect(reasonOf(line({}, 7))).toBe('security tag');
  });

  it('is refused when it has another form', () => {
    expect(reasonOf('%KEYGEN: ""')).toBe('form');
    expect(reasonOf('OK')).toBe('form');
    expect(reasonOf('%KEYGEN: "ab$c"')).toBe('base64url');
    expect(reasonOf(`${line({ statement: false }).slice(0, -1)}.AAAA"`)).not.toBe('accepted');
  });
});
