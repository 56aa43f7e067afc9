// The one error the core throws on purpose. It carries a code and facts, never sentences: the words live with the
// interfaces (resources/text), so that every host says the same thing and nothing ever matches on a message.

/** Who can do something about it. */
export type Side = 'device' | 'station' | 'operator';

/** The closed set of failures and the side each belongs to. */
export const ERROR_SIDES = {
  // operator: what was asked cannot be done as asked
  usage: 'operator',
  device_serial_invalid: 'operator',
  device_serial_taken: 'operator',
  device_serial_case_conflict: 'operator',
  device_serial_not_in_order: 'operator',
  device_busy: 'operator',
  hardware_id_taken: 'operator',
  hardware_id_changed: 'operator',
  already_provisioned: 'operator',
  slot_taken: 'operator',
  device_sealed: 'operator',
  value_invalid: 'operator',
  value_missing: 'operator',
  name_value_invalid: 'operator',
  profile_invalid: 'operator',
  profile_unknown: 'operator',
  target_invalid: 'operator',
  target_unknown: 'operator',
  order_unknown: 'operator',
  order_complete: 'operator',
  order_empty: 'operator',
  device_unknown: 'operator',
  credential_unknown: 'operator',
  credential_not_live: 'operator',
  passphrase_wrong: 'operator',
  passphrase_missing: 'operator',
  passphrase_weak: 'operator',
  authority_exists: 'operator',
  authority_missing: 'operator',
  authority_locked: 'operator',
  leaf_outlives_issuer: 'operator',
  encoding_invalid: 'operator',
  key_weak: 'operator',
  request_invalid: 'operator',
  chain_invalid: 'operator',
  trust_limit: 'operator',
  root_elsewhere: 'operator',
  request_missing: 'operator',
  crl_not_current: 'operator',
  issuing_ca_unknown: 'operator',
  issuing_ca_ended: 'operator',
  issuing_ca_revoked: 'operator',
  issuing_quota_reached: 'operator',
  batch_changed: 'operator',
  batch_output_foreign: 'operator',
  batch_busy: 'operator',
  passphrase_delayed: 'operator',
  custody_not_offered: 'operator',
  key_algorithm_not_held: 'operator',
  password_not_offered: 'operator',
  password_taken: 'operator',
  interrupted: 'operator',
  signed_out: 'operator',
  sign_in_refused: 'operator',
  role_missing: 'operator',
  operator_exists: 'operator',
  operator_unknown: 'operator',
  order_exists: 'operator',
  bay_unknown: 'operator',
  bay_busy: 'operator',
  bay_empty: 'operator',
  file_invalid: 'operator',
  path_unusable: 'operator',
  backup_unknown: 'operator',
  backup_damaged: 'operator',
  backup_newer: 'operator',
  backup_foreign: 'operator',
  station_exists: 'operator',
  // station: this computer, its files, its ports
  clock_behind: 'station',
  authority_invalid: 'station',
  certificate_check_failed: 'station',
  signature_check_failed: 'station',
  prepared_already_used: 'station',
  station_locked: 'station',
  station_missing: 'station',
  inventory_invalid: 'station',
  inventory_older: 'station',
  inventory_newer: 'station',
  audit_broken: 'station',
  record_refused: 'station',
  disk_full: 'station',
  storage_read_only: 'station',
  storage_failed: 'station',
  port_missing: 'station',
  port_busy: 'station',
  port_not_permitted: 'station',
  port_failed: 'station',
  port_listing_unavailable: 'station',
  edge_unavailable: 'station',
  keychain_refused: 'station',
  message_refused: 'station',
  station_gone: 'station',
  station_silent: 'station',
  internal: 'station',
  token_failed: 'station',
  // device: what the unit under our hands did or did not do
  device_silent: 'device',
  device_babbles: 'device',
  device_protocol_unknown: 'device',
  device_login_required: 'device',
  device_gone: 'device',
  device_changed: 'device',
  device_rebooted: 'device',
  device_refused: 'device',
  device_store_full: 'device',
  device_answer_invalid: 'device',
  capability_missing: 'device',
  credential_too_large: 'device',
  bytes_lost: 'device',
  verification_mismatch: 'device',
  verification_impossible: 'device',
  handshake_failed: 'device',
  phase_timeout: 'device',
} as const satisfies Record<string, Side>;

export type ErrorCode = keyof typeof ERROR_SIDES;

export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/** A failure that was foreseen. `details` holds facts for the words (path, limit, field) and never a secret. */
export class StationError extends Error {
  override readonly name = 'StationError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options: { cause?: unknown } = {}) {
    super(`${code} ${JSON.stringify(details)}`, options);
    this.code = code;
    this.details = details;
  }

  get side(): Side {
    return ERROR_SIDES[this.code];
  }
}

/** Turns whatever was thrown into a StationError; what nobody foresaw becomes `internal` with its cause kept. */
export function asStationError(thrown: unknown): StationError {
  if (thrown instanceof StationError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new StationError('internal', { message }, { cause: thrown });
}
