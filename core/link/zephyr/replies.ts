// The credential shell's sentences (Zephyr 4.3.0, tls_credentials_shell.c). Success and failure differ in wording only,
// so every row is matched whole; a log line that contains such words is not a reply.

import type { CertificateItem } from '../../domain/credential.ts';
import type { SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { type ErrorCode, StationError } from '../../domain/stationError.ts';

/** `add`, `del` and `list` take and print these names; messages use longer ones. */
export const TYPE_NAMES: Readonly<Record<CertificateItem, string>> = {
  ca: 'CA',
  certificate: 'SERV',
  privateKey: 'PK',
};

const STORED = /^Stored (\d{1,9}) bytes\.$/;
const ADDED = /^Added TLS credential of type [A-Z_]+, sectag (\d{1,10}), and length (\d{1,9}) bytes\.$/;
const DELETED = /^Deleted TLS credential with sectag (\d{1,10}) and type [A-Z_]+\.$/;
const COUNTED = /^(\d{1,6}) credentials found\.$/;
const LISTED = /^(-?\d{1,11}),([A-Z_]{2,20}),(ERROR|[A-Za-z0-9+/]{43}=),(-?\d{1,6})$/;
export const CLEARED = 'Credential buffer cleared.';
const RING_OVERFLOW = /shell_uart: RX ring buffer full\.$/;
const LOG_ROW = /<(?:err|wrn|inf|dbg)> /;
const BOOT_BANNER = /^\*\*\* Booting /;

const ABSENT = /^There is no TLS credential with sectag \d+ and type [A-Z_]+\.$/;

/** Refusals and what each means to the station. */
const REFUSALS: readonly { readonly pattern: RegExp; readonly code: ErrorCode; readonly reason: string }[] = [
  { pattern: /^Not enough room in credential buffer/, code: 'credential_too_large', reason: 'buffer' },
  { pattern: /^No reference slot available/, code: 'device_store_full', reason: 'slots' },
  { pattern: /^Not enough heap for TLS credential/, code: 'device_store_full', reason: 'heap' },
  {
    pattern: /^TLS credential with sectag \d+ and type [A-Z_]+ already exists\.$/,
    code: 'slot_taken',
    reason: 'exists',
  },
  { pattern: /^Could not decode input from base64/, code: 'bytes_lost', reason: 'base64' },
  { pattern: /^Please provide a credential to add\.$/, code: 'bytes_lost', reason: 'empty' },
  { pattern: /^Failed to add TLS credential/, code: 'device_refused', reason: 'add' },
  { pattern: /^Deleting TLS credential .* failed with error/, code: 'device_refused', reason: 'delete' },
  { pattern: ABSENT, code: 'device_refused', reason: 'absent' },
  { pattern: /^Could not retrieve TLS credential/, code: 'device_refused', reason: 'read' },
  { pattern: /^The stored credential isn't NULL-terminated/, code: 'device_refused', reason: 'read' },
  {
    pattern: /is not a valid (?:sectag|credential type|backend|storage format)\.$/,
    code: 'device_refused',
    reason: 'argument',
  },
  { pattern: /^\S+: wrong parameter count$/, code: 'bytes_lost', reason: 'parameter-count' },
  { pattern: /^\S+: command not found$/, code: 'bytes_lost', reason: 'unknown-command' },
];

export const storedSize = (row: string): number | undefined => firstNumber(STORED, row);
export const countedSize = (row: string): number | undefined => firstNumber(COUNTED, row);
export const isRingOverflow = (row: string): boolean => RING_OVERFLOW.test(row.trim());
export const isLogRow = (row: string): boolean => LOG_ROW.test(row);
export const isBootBanner = (row: string): boolean => BOOT_BANNER.test(row.trim());

export function addedSize(row: string, securityTag: number): number | undefined {
  const match = ADDED.exec(row);
  return match !== null && Number(match[1]) === securityTag ? Number(match[2]) : undefined;
}

export const isDeleted = (row: string, securityTag: number): boolean =>
  firstNumber(DELETED, row) === securityTag;

export const isAbsent = (row: string): boolean => ABSENT.test(row);
export const isRefusal = (row: string): boolean => REFUSALS.some(({ pattern }) => pattern.test(row));

/** Throws the first refusal among a reply's rows, with the facts that the caller knows. */
export function throwRefusal(
  rows: readonly string[],
  details: Readonly<Record<string, string | number>>,
): void {
  for (const row of rows) {
    const refusal = REFUSALS.find(({ pattern }) => pattern.test(row));
    if (refusal !== undefined) throw new StationError(refusal.code, { ...details, reason: refusal.reason });
  }
}

/** Rows of a dark exchange that hold nothing but numbers and fixed words. */
export function isHarmlessRow(row: string): boolean {
  return (
    STORED.test(row) ||
    row === CLEARED ||
    /^Not enough room in credential buffer for provided data\.(?: Increase CONFIG_\w+\.)?$/.test(row)
  );
}

export interface ListedCredential {
  readonly securityTag: number;
  readonly typeName: string;
  /** Undefined where the firmware cannot hash (`ERROR`). */
  readonly sha256: Sha256Hex | undefined;
}

/** The rows of `cred list`; `undefined` when the closing count does not fit them. */
export function parseList(rows: readonly string[]): readonly ListedCredential[] | undefined {
  const listed = rows.flatMap((row) => {
    const match = LISTED.exec(row);
    if (match === null) return [];
    const [, tag, typeName, digest] = match;
    const sha256 =
      digest === 'ERROR' ? undefined : (Buffer.from(digest ?? '', 'base64').toString('hex') as Sha256Hex);
    return [{ securityTag: Number(tag), typeName: typeName ?? '', sha256 }];
  });
  const count = rows.map(countedSize).findLast((size) => size !== undefined);
  return count === listed.length ? listed : undefined;
}

/** How the list names a key of the PSA store; its digest is that of the key's number, which says nothing. */
const DEVICE_KEY_TYPE = 'PK_PSA';

/** Whether an entry is one of those that a credential of this tag consists of. */
export const isOwn = ({ securityTag, typeName }: ListedCredential, ownTag: number): boolean =>
  securityTag === ownTag && [...Object.values(TYPE_NAMES), DEVICE_KEY_TYPE].includes(typeName);

/** What of the list stands in the slot of one security tag. */
export function occupiedItems(
  listed: readonly ListedCredential[],
  securityTag: number,
): readonly SlotItem<CertificateItem>[] {
  return (Object.keys(TYPE_NAMES) as CertificateItem[]).flatMap((item) =>
    listed
      .filter((entry) => entry.securityTag === securityTag && entry.typeName === TYPE_NAMES[item])
      .map((entry) => ({ item, sha256: entry.sha256 })),
  );
}

function firstNumber(pattern: RegExp, row: string): number | undefined {
  const match = pattern.exec(row);
  return match === null ? undefined : Number(match[1]);
}
