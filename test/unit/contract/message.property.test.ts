import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTRACT_VERSION } from '../../../core/contract/limits.ts';
import { METHOD_NAMES, METHODS } from '../../../core/contract/methods.ts';
import { readReply, readRequest, writeMessage } from '../../../core/contract/rpc/message.ts';

describe('reading a message', () => {
  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (data) => {
        expect(typeof readRequest(data).ok).toBe('boolean');
        expect(typeof readReply(data).ok).toBe('boolean');
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.jsonValue(),
        (id, method, input) => {
          const read = readRequest(writeMessage({ kind: 'call', id, method, input }));
          expect(read).toEqual({
            ok: true,
            message: JSON.parse(
              JSON.stringify({ version: CONTRACT_VERSION, kind: 'call', id, method, input }),
            ),
          });
        },
      ),
    );
  });

  it('refuses every well-formed message with one more field', () => {
    const known = new Set(['version', 'kind', 'id', 'method', 'input']);
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((key) => !known.has(key) && key !== '__proto__'),
        (key) => {
          const message = { version: 1, kind: 'call', id: 1, method: 'bays.list', input: {}, [key]: 1 };
          expect(readRequest(JSON.stringify(message))).toMatchObject({ ok: false, reason: 'malformed' });
        },
      ),
    );
  });
});

describe('every method', () => {
  it.each(METHOD_NAMES)('%s refuses an unknown field in its input', (name) => {
    const input = METHODS[name].input;
    const result = input.safeParse({ kind: 'create', surprise: true });
    expect(result.success).toBe(false);
  });

  it.each(METHOD_NAMES)('%s refuses anything that is no object', (name) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.anything())),
        (value) => {
          expect(METHODS[name].input.safeParse(value).success).toBe(false);
        },
      ),
      { numRuns: 20 },
    );
  });
});
