// Why a mutual-TLS handshake or a proof did not succeed, as a closed set: what TLS libraries report in many spellings
// is mapped here, once, for both sides. Codes only; the words live with the interfaces.

export const REFUSAL_CODES = [
  'no-certificate',
  'unknown-authority',
  'expired',
  'not-yet-valid',
  'wrong-purpose',
  'wrong-name',
  'revoked',
  'unknown',
  'undecided',
  'protocol',
  'timeout',
  'closed',
  'busy',
  'unreachable',
  'credential-unusable',
  'other',
] as const;

/**
 * `no-certificate`: the device showed none · `unknown-authority`: no path to a trusted root · `expired`, `not-yet-valid`:
 * by the verifier's clock · `wrong-purpose`: extended key usage · `wrong-name`: not the server that was meant ·
 * `revoked`, `unknown`: by the inventory · `undecided`: the inventory could not say · `protocol`: not TLS, no common version or cipher, or not the proof's lines ·
 * `timeout` · `closed`: left without a word · `busy`: too many connections · `unreachable`: no TCP connection ·
 * `credential-unusable`: key and certificate do not fit together · `other`.
 */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export type Party = 'device' | 'server';

export interface Refusal {
  /** Who refused. */
  readonly by: Party;
  readonly code: RefusalCode;
  /** What the TLS library or the operating system called it, for the record. */
  readonly reason: string;
}

/** OpenSSL, BoringSSL and Node spell the same failure differently; these fragments are common to all three. */
const FRAGMENTS: readonly (readonly [RegExp, RefusalCode])[] = [
  [/DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_REQUIRED/, 'no-certificate'],
  [/REVOKED/, 'revoked'],
  [/EXPIRED/, 'expired'],
  [/NOT_YET_VALID/, 'not-yet-valid'],
  [/INVALID_PURPOSE/, 'wrong-purpose'],
  [/ALTNAME_INVALID/, 'wrong-name'],
  [
    /UNKNOWN_CA|SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA|PATH_LENGTH/,
    'unknown-authority',
  ],
  [/TIMEOUT|ETIMEDOUT/, 'timeout'],
  [/^ECONNREFUSED$|^EHOSTUNREACH$|^ENETUNREACH$|^ENOTFOUND$|^EAI_AGAIN$|^EADDRNOTAVAIL$/, 'unreachable'],
  [/^ECONNRESET$|^ECONNABORTED$|^EPIPE$/, 'closed'],
  [/^ERR_SSL_|^EPROTO$/, 'protocol'],
];

/** The reason given when a side's own patience ends. */
export const OWN_DEADLINE = 'KEYLINE_TIMEOUT';

const REASON_MAX_LENGTH = 80;
/** Failures that one side can only learn from the other: TLS alerts received, lost and missing connections. */
const OTHER_PARTYS_DOING: readonly RefusalCode[] = ['closed', 'unreachable'];

const other = (party: Party): Party => (party === 'device' ? 'server' : 'device');

/** Maps a library's error code, as seen by `observer`, to a refusal. An alert in it was sent by the other side. */
export function refusalFromReason(reason: string, observer: Party): Refusal {
  const code = FRAGMENTS.find(([fragment]) => fragment.test(reason))?.[1] ?? 'other';
  const otherDidIt = reason.includes('_ALERT_') || OTHER_PARTYS_DOING.includes(code);
  return {
    by: otherDidIt ? other(observer) : observer,
    code,
    reason: reason.slice(0, REASON_MAX_LENGTH),
  };
}

/** The code that Node, OpenSSL or the operating system gave an error; `no-code` without one. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code.slice(0, REASON_MAX_LENGTH) : 'no-code';
}

/** The same for a thrown or emitted error. */
export const refusalFromError = (error: unknown, observer: Party): Refusal =>
  refusalFromReason(errorCode(error), observer);

export const isRefusalCode = (text: string): text is RefusalCode =>
  (REFUSAL_CODES as readonly string[]).includes(text);
