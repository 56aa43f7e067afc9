// Properties of the parts that can be said in one sentence each.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../../core/simulator/base64.ts';
import { CREDENTIAL_TYPES, CredentialStore, NO_TAG } from '../../../core/simulator/credentialStore.ts';
import { ByteQueue } from '../../../core/simulator/line/byteQueue.ts';
import { type LineDevice, Uart } from '../../../core/simulator/line/uart.ts';
import { History } from '../../../core/simulator/shell/history.ts';
import { readToken } from '../../../core/simulator/shell/tokenizer.ts';
import { readStateFile, writeStateFile } from '../../../core/simulator/stateFile.ts';

function words(line: string): string[] {
  const found: string[] = [];
  for (let token = readToken(line); token; token = readToken(token.rest)) found.push(token.word);
  return found;
}

describe('words', () => {
  test('quoting with escapes carries any byte but NUL', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1 }), (bytes) => {
        const quoted = bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
        expect(words(`cred '${quoted}' end`)).toEqual(['cred', String.fromCharCode(...bytes), 'end']);
      }),
    );
  });

  test.each([
    ['a  b\tc ', ['a', 'b', 'c']],
    ['  ', []],
    ['"a b"c', ['a bc']],
    ["a\\ b 'it''s'", ['a b', 'its']],
    ['"say \\"no\\""', ['say "no"']],
    ["'\\0101\\x4g\\q'", ['A\x04g\\q']],
    ["'\\x'", ['\\x']],
    ["'ab\\x00cd' e", ['ab', 'e']],
    ['a\\', ['a']],
  ])('%j is %j', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test('an open quote is reported with its character', () => {
    expect(readToken(`a'b c`)).toMatchObject({ word: 'ab c', unterminated: "'", hasMore: false });
  });
});

describe('base64', () => {
  test('what is encoded is decoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
      }),
    );
  });

  test('a cut text decodes to the groups that are whole, without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6 }), fc.integer({ min: 1, max: 3 }), (bytes, cut) => {
        const whole = bytes.length - (bytes.length % 3);
        const text = Buffer.from(bytes.subarray(0, whole)).toString('base64').slice(0, -cut);
        expect(decodeBase64(text)).toEqual(bytes.slice(0, whole - 3));
      }),
    );
  });

  test.each(['!!!!', 'AA=A', 'A===', 'AA A', 'AAA\u00e9'])('%j is refused', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  test('line ends between groups are skipped', () => {
    expect(decodeBase64('QUJD\r\nREVG\n')).toEqual(new Uint8Array(Buffer.from('ABCDEF')));
  });
});

describe('the byte queue', () => {
  test('gives what was put in, in order, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.array(fc.integer({ min: 1, max: 20 })), (chunks, cuts) => {
        const queue = new ByteQueue();
        for (const chunk of chunks) queue.push(chunk);
        const all = Buffer.concat(chunks);
        expect(queue.length).toBe(all.length);
        const taken = [...cuts, all.length].map((count) => queue.take(count));
        expect(Buffer.concat(taken)).toEqual(all);
        expect(queue.length).toBe(0);
      }),
    );
  });
});

describe('the credential store', () => {
  const credential = fc.record({
    tag: fc.integer({ min: 0, max: 3 }),
    type: fc.constantFrom(...CREDENTIAL_TYPES),
    remove: fc.boolean(),
  });

  test('holds what a plain map with as many places would hold', () => {
    fc.assert(
      fc.property(fc.array(credential, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, slots) => {
        const model = new Map<string, Uint8Array>();
        const store = new CredentialStore([], slots, () => undefined);
        steps.forEach(({ tag, type, remove }, step) => {
          const key = `${tag} ${type}`;
          const bytes = Uint8Array.of(step);
          if (remove) expect(store.delete(tag, type)).toBe(model.delete(key) ? 0 : -2);
          else if (model.has(key)) expect(store.add({ tag, type, bytes })).toBe(-17);
          else if (model.size === slots) expect(store.add({ tag, type, bytes })).toBe(-12);
          else {
            expect(store.add({ tag, type, bytes })).toBe(0);
            model.set(key, bytes);
          }
        });
        const listed = new Map<string, Uint8Array>();
        for (let tag = store.nextTag(NO_TAG); tag !== NO_TAG; tag = store.nextTag(tag))
          for (const one of store.ofTag(tag)) listed.set(`${one.tag} ${one.type}`, one.bytes);
        expect(new Map([...listed].sort())).toEqual(new Map([...model].sort()));
      }),
    );
  });

  test('a change that cannot be written down does not happen', () => {
    const bytes = Uint8Array.of(1);
    let full = false;
    const store = new CredentialStore([], 4, () => {
      if (full) throw new Error('no space left');
    });
    store.add({ tag: 1, type: 'CA_CERT', bytes });
    full = true;
    expect(() => store.add({ tag: 1, type: 'PRIVATE_KEY', bytes })).toThrow('no space left');
    expect(() => store.delete(1, 'CA_CERT')).toThrow('no space left');
    expect(store.ofTag(1)).toEqual([{ tag: 1, type: 'CA_CERT', bytes }]);
  });
});

describe('the history', () => {
  test('never grows beyond its buffer, and keeps the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,200}$/), { maxLength: 40 }), (lines) => {
        const history = new History(512);
        for (const line of lines) history.put(line);
        expect(history.lines.join('').length).toBeLessThan(512);
        if (lines.length > 0) expect(history.lines[0]).toBe(lines.at(-1));
      }),
    );
  });
});

describe('the line', () => {
  /** Takes what comes at once and says nothing. */
  class Sink implements LineDevice {
    readonly received: number[] = [];
    lost = 0;
    readonly readSizeBytes = 1;
    readonly nextTimerUs = Number.POSITIVE_INFINITY;
    readonly logDueAtUs = Number.POSITIVE_INFINITY;
    #reply: (byte: number) => string;
    #output = '';
    constructor(reply: (byte: number) => string) {
      this.#reply = reply;
    }
    receive(bytes: Uint8Array): void {
      for (const byte of bytes) {
        this.received.push(byte);
        this.#output += this.#reply(byte);
      }
    }
    noteLostByte(): void {
      this.lost += 1;
    }
    runTimer(): void {}
    printLog(): number {
      return 0;
    }
    takeOutput(): string {
      const output = this.#output;
      this.#output = '';
      return output;
    }
  }

  const settings = {
    receiveRingSizeBytes: 64,
    transmitRingSizeBytes: 8,
    receivePollPeriodMs: 10,
    transmitInterrupts: true,
    checkDtr: false,
  };
  const writes = fc.array(
    fc.record({ sizeBytes: fc.integer({ min: 1, max: 300 }), pauseMs: fc.integer({ min: 0, max: 30 }) }),
    { maxLength: 12 },
  );

  test.each([
    ['interrupt', 115_200],
    ['polled', 115_200],
    ['interrupt', 'instant'],
    ['polled', 'instant'],
  ] as const)(
    '%s at %s: each byte is received once, in order, or counted as lost',
    (receiveMode, lineRate) => {
      fc.assert(
        fc.property(writes, fc.integer({ min: 0, max: 6 }), (pieces, replyLength) => {
          const device = new Sink(() => 'x'.repeat(replyLength));
          let delivered = 0;
          const uart = new Uart(device, { ...settings, receiveMode, lineRate }, 0, (bytes) => {
            delivered += bytes.length;
          });
          let nowUs = 0;
          let sent = 0;
          for (const { sizeBytes, pauseMs } of pieces) {
            uart.write(
              Uint8Array.from({ length: sizeBytes }, (_, index) => (sent + index) % 251),
              nowUs,
            );
            sent += sizeBytes;
            nowUs += pauseMs * 1_000;
            uart.advance(nowUs);
          }
          for (let step = 0; step < 4_000 && device.received.length + device.lost < sent; step += 1) {
            nowUs += 1_000;
            uart.advance(nowUs);
          }
          uart.advance(nowUs + 10_000_000);
          expect(device.received.length + device.lost).toBe(sent);
          expect(delivered).toBe(device.received.length * replyLength);
          expect(uart.nextWakeUs(nowUs + 10_000_000, 1_000)).toBe(Number.POSITIVE_INFINITY);
          // In order: between two received bytes lie only lost ones.
          let missing = 0;
          device.received.forEach((byte, index) => {
            const expected = (index + missing) % 251;
            missing += (byte - expected + 251) % 251;
          });
          expect(missing).toBeLessThanOrEqual(device.lost);
        }),
        { numRuns: 60 },
      );
    },
  );

  test('the shell reads on when all but a ring full of its answer has left', () => {
    const byteUs = 10_000_000 / 115_200;
    const device = new Sink(() => 'x'.repeat(20));
    const uart = new Uart(
      device,
      { ...settings, receiveMode: 'interrupt', lineRate: 115_200 },
      0,
      () => undefined,
    );
    uart.write(new Uint8Array(2), 0);
    uart.advance((1 + 20 - 8 - 0.1) * byteUs);
    expect(device.received).toHaveLength(1);
    uart.advance((1 + 20 - 8 + 0.1) * byteUs);
    expect(device.received).toHaveLength(2);
  });

  test('a device that only listens loses nothing at any rate', () => {
    fc.assert(
      fc.property(writes, fc.constantFrom(9_600, 115_200), (pieces, lineRate) => {
        const device = new Sink(() => '');
        const uart = new Uart(
          device,
          { ...settings, receiveMode: 'interrupt', lineRate },
          0,
          () => undefined,
        );
        let sent = 0;
        for (const { sizeBytes } of pieces) {
          uart.write(new Uint8Array(sizeBytes), 0);
          sent += sizeBytes;
        }
        const neededUs = (sent * 10_000_000) / lineRate;
        uart.advance(neededUs * 0.99);
        if (sent > 0) expect(device.received.length).toBeLessThan(sent);
        uart.advance(neededUs + 100);
        expect(device.received.length).toBe(sent);
        expect(device.lost).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the state file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyline-simulator-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('gives back what was written', () => {
    const path = join(folder, 'state.json');
    expect(readStateFile(path)).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array(), { nil: undefined }), { maxLength: 4 }), (contents) => {
        const slots = contents.map((bytes, tag) =>
          bytes === undefined ? undefined : { tag, type: 'CA_CERT' as const, bytes },
        );
        writeStateFile(path, { hardwareId: 'aabb', slots });
        expect(readStateFile(path)).toEqual({ hardwareId: 'aabb', slots });
      }),
      { numRuns: 20 },
    );
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  test('a write that fails leaves the old state and no debris', () => {
    const path = join(folder, 'state.json');
    writeStateFile(path, { hardwareId: 'aa', slots: [] });
    // A folder stands where the file should go: the last step fails.
    const blocked = join(folder, 'blocked.json');
    mkdirSync(blocked);
    expect(() => writeStateFile(blocked, { hardwareId: 'bb', slots: [] })).toThrow();
    expect(readStateFile(path)).toEqual({ hardwareId: 'aa', slots: [] });
    expect(readdirSync(folder).sort()).toEqual(['blocked.json', 'state.json']);
  });
});
