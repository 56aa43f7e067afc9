import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Sha256Hex } from '../../../core/domain/ids.ts';
import {
  addedSize,
  isHarmlessRow,
  isRefusal,
  isRingOverflow,
  occupiedItems,
  parseList,
  storedSize,
  throwRefusal,
} from '../../../core/link/zephyr/replies.ts';
import { isCrashingSize, isDigestOfTinyContent } from '../../../core/link/zephyr/tinyCredential.ts';

const CA_DIGEST = 'WDP6bfH3/ZE+f2Ohji9/L/51Mnk661RQWkEIiBUhP34=';

test('a list is read row by row and must agree with its count', () => {
  const rows = [`1001,CA,${CA_DIGEST},0`, '1001,PK,ERROR,-95', '7,PSK,ERROR,-95', '3 credentials found.'];
  const listed = parseList(rows);
  expect(listed).toHaveLength(3);
  expect(occupiedItems(listed ?? [], 1_001)).toEqual([
    { item: 'ca', sha256: Buffer.from(CA_DIGEST, 'base64').toString('hex') },
    { item: 'privateKey', sha256: undefined },
  ]);
  expect(parseList(rows.slice(1))).toBeUndefined();
  expect(parseList(rows.slice(0, 3))).toBeUndefined();
  expect(parseList(['0 credentials found.'])).toEqual([]);
});

test('sizes are read from whole rows only', () => {
  expect(storedSize('Stored 64 bytes.')).toBe(64);
  expect(storedSize('peer: Stored 64 bytes.')).toBeUndefined();
  expect(addedSize('Added TLS credential of type CA_CERT, sectag 42, and length 3 bytes.', 42)).toBe(3);
  expect(
    addedSize('Added TLS credential of type CA_CERT, sectag -1, and length 3 bytes.', 1),
  ).toBeUndefined();
  expect(
    addedSize('Added TLS credential of type CA_CERT, sectag 43, and length 3 bytes.', 42),
  ).toBeUndefined();
});

test.each([
  [
    'No reference slot available, cannot copy credential to heap. Credential will not be stored',
    'device_store_full',
  ],
  ['Not enough heap for TLS credential of size 900.', 'device_store_full'],
  [
    'Not enough room in credential buffer for provided data. Increase CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE.',
    'credential_too_large',
  ],
  ['TLS credential with sectag 42 and type CA_CERT already exists.', 'slot_taken'],
  ['Could not decode input from base64, error: -22', 'bytes_lost'],
  ['FOO is not a valid credential type.', 'device_refused'],
])('%s means %s', (row, code) => {
  expect(isRefusal(row)).toBe(true);
  expect(() => throwRefusal(['noise', row], { item: 'ca' })).toThrow(
    expect.objectContaining({ code, details: expect.objectContaining({ item: 'ca' }) }),
  );
});

test('a harmless row holds no text of the device', () => {
  expect(isHarmlessRow('Stored 64 bytes.')).toBe(true);
  expect(isHarmlessRow('Credential buffer cleared.')).toBe(true);
  expect(isHarmlessRow('pzE6: command not found')).toBe(false);
  expect(isHarmlessRow('Stored 64 bytes. pzE6')).toBe(false);
});

test('a full receive ring is heard of through the log', () => {
  expect(isRingOverflow('[00:00:00.820,000] <wrn> shell_uart: RX ring buffer full.')).toBe(true);
  expect(isRingOverflow('<wrn> net: RX ring buffer full. Really')).toBe(false);
});

test('content of one or two bytes is known by its digest', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256Hex;
  expect(isDigestOfTinyContent(digest('x'))).toBe(true);
  expect(isDigestOfTinyContent(digest('xy'))).toBe(true);
  expect(isDigestOfTinyContent(digest(''))).toBe(false);
  expect(isDigestOfTinyContent(digest('a real private key'))).toBe(false);
  expect([0, 1, 2, 3, 4].map(isCrashingSize)).toEqual([false, true, true, true, false]);
});
