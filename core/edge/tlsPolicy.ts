// What both ends of a proof agree on beyond Node's defaults, spelled so that OpenSSL and BoringSSL take it.

/**
 * The signatures of the key algorithms a profile may name, and RSA for an imported CA. BoringSSL leaves Ed25519 out unless
 * it is asked for.
 */
export const SIGNATURE_ALGORITHMS = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
].join(':');

/**
 * The groups of a small device, P-256 first on both sides. Node 24 would offer X25519MLKEM768, which adds more than a
 * kilobyte each way and hides what the handshake costs a device; a server that prefers another group than the device's
 * first costs it a second ClientHello (RFC 8446 4.1.4).
 */
export const GROUPS = 'P-256:X25519:P-384';
