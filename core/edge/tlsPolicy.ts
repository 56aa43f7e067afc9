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
 * The groups of a small device. Node 24 would offer X25519MLKEM768 first, which adds more than a kilobyte each way and
 * hides what the handshake costs a device.
 */
export const DEVICE_GROUPS = 'P-256:X25519:P-384';
