// What TLS libraries report is mapped to the closed set, and laid at the right door.

import { describe, expect, it } from 'vitest';
import { errorCode, isRefusalCode, refusalFromError, refusalFromReason } from '../../../core/edge/refusal.ts';

describe('refusalFromReason', () => {
  // As seen by a server or device running OpenSSL 3, BoringSSL or Node itself.
  it.each([
    ['server', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', 'server', 'no-certificate'],
    ['device', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'server', 'no-certificate'],
    ['device', 'ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED', 'server', 'no-certificate'],
    ['server', 'CERT_HAS_EXPIRED', 'server', 'expired'],
    ['device', 'CERT_HAS_EXPIRED', 'device', 'expired'],
    ['device', 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'server', 'expired'],
    ['server', 'CERT_NOT_YET_VALID', 'server', 'not-yet-valid'],
    ['server', 'INVALID_PURPOSE', 'server', 'wrong-purpose'],
    ['server', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'server', 'unknown-authority'],
    ['server', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'server', 'unknown-authority'],
    ['device', 'SELF_SIGNED_CERT_IN_CHAIN', 'device', 'unknown-authority'],
    ['server', 'CERT_SIGNATURE_FAILURE', 'server', 'unknown-authority'],
    ['server', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'device', 'unknown-authority'],
    ['device', 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'server', 'revoked'],
    ['device', 'ERR_TLS_CERT_ALTNAME_INVALID', 'device', 'wrong-name'],
    ['server', 'ERR_SSL_HTTP_REQUEST', 'server', 'protocol'],
    ['device', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'server', 'protocol'],
    ['server', 'ECONNRESET', 'device', 'closed'],
    ['device', 'EPIPE', 'server', 'closed'],
    ['device', 'ECONNREFUSED', 'server', 'unreachable'],
    ['device', 'KEYLINE_TIMEOUT', 'device', 'timeout'],
    ['server', 'ENOSPC', 'server', 'other'],
  ] as const)('the %s that sees %s: %s, %s', (observer, reason, by, code) => {
    expect(refusalFromReason(reason, observer)).toEqual({ by, code, reason });
  });

  it('keeps a hostile reason short', () => {
    expect(refusalFromReason('x'.repeat(1_000), 'server').reason).toHaveLength(80);
  });
});

it('takes the code of an error and never its message', () => {
  expect(refusalFromError(Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'server').code).toBe(
    'closed',
  );
  expect(refusalFromError(new Error('certificate revoked'), 'server')).toEqual({
    by: 'server',
    code: 'other',
    reason: 'no-code',
  });
  expect(errorCode(Object.assign(new Error('x'), { code: 7 }))).toBe('no-code');
  expect(errorCode('ECONNRESET')).toBe('no-code');
});

it('knows its own codes only', () => {
  expect(isRefusalCode('revoked')).toBe(true);
  expect(isRefusalCode('admitted')).toBe(false);
  expect(isRefusalCode('toString')).toBe(false);
});
