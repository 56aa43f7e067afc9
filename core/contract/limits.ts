// The contract's version and its bounds. What is larger than these is refused unread.

/** Raised whenever a message that was valid before is refused, or means something else. */
export const CONTRACT_VERSION = 1;

/** The longest message in UTF-16 units. The largest legal one carries a file of {@link FILE_MAX_BASE64_LENGTH}. */
export const MESSAGE_MAX_LENGTH = 9_000_000;

/** A CSV of 50,000 device serials of full length, with room to spare. */
export const FILE_MAX_BASE64_LENGTH = 8_000_000;

/** Calls that one interface may have open at a time. */
export const OPEN_CALLS_MAX = 64;

export const PAGE_MAX_ROWS = 500;

/** A window says so when a station has not shown a sign of life for so long. */
export const PING_TIMEOUT_MS = 4_000;
export const DEFAULT_TIMEOUT_MS = 15_000;
/** Ceremonies, backups, exports: what writes much or stretches a passphrase. */
export const LONG_TIMEOUT_MS = 180_000;
