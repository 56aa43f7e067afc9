// A secret does not get out by printing, logging, joining, serialising or cloning, and is gone after its wipe.

import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../../core/domain/secret.ts';

const TEXT = 'correct horse battery staple';
const asHex = Buffer.from(TEXT).toString('hex');
const asBase64 = Buffer.from(TEXT).toString('base64');
const asBytes = [...Buffer.from(TEXT)].slice(0, 4).join(',');

test('shows itself to nothing that turns a value into text', () => {
  const secret = Secret.fromText(TEXT);
  const holder = { secret, list: [secret], map: new Map([['key', secret]]) };
  const shown = [
    String(secret),
    `${secret}`,
    ''.concat(secret as never),
    [secret].join(),
    JSON.stringify(holder),
    JSON.stringify(secret),
    inspect(secret),
    inspect(holder, { depth: 9, showHidden: true, getters: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    new Error('failed', { cause: holder }).stack ?? '',
    JSON.stringify({ ...secret }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Object.getOwnPropertyNames(secret)),
    JSON.stringify(structuredClone({ ...holder.secret })),
  ].join('\n');
  for (const trace of [TEXT, asHex, asBase64, asBytes]) expect(shown).not.toContain(trace);
  expect(String(secret)).toBe('[secret]');
});

test('lends its bytes, overwrites them when it is wiped, and lends nothing afterwards', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (content) => {
      const bytes = Uint8Array.from(content);
      const secret = new Secret(bytes);
      expect(secret.sizeBytes).toBe(content.length);
      expect(secret.use((lent) => [...lent])).toEqual([...content]);
      expect(secret.wiped).toBe(false);
      secret.wipe();
      expect([...bytes]).toEqual(content.length === 0 ? [] : Array.from(content, () => 0));
      expect(secret).toMatchObject({ wiped: true, sizeBytes: 0 });
      expect(() => secret.use(() => 0)).toThrow('wiped');
      secret.wipe();
    }),
  );
});
