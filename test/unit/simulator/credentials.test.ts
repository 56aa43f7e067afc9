// The credential store and its shell, beyond the recorded sessions: what fills it, what empties the buffer, and the
// defects of Zephyr 4.3.0 that a station must live with.

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, type DeviceBench, openBench, plain } from './deviceBench.ts';

let bench: DeviceBench;
afterEach(() => bench.pipe.close());

const digest = (text: string): string => createHash('sha256').update(text, 'latin1').digest('base64');
const NO_SLOT =
  'No reference slot available, cannot copy credential to heap. Credential will not be stored\r\n';

/** Sends a long value in chunks and adds it. */
function addText(tag: number, type: string, value: string): string {
  for (let from = 0; from < value.length; from += 50)
    expect(ask(bench, `cred buf ${value.slice(from, from + 50)}`)).toMatch(/^Stored \d+ bytes/);
  return ask(bench, `cred add ${tag} ${type} DEFAULT str`);
}

describe('types and slots', () => {
  test('synonyms name the same type; messages use the first name, lists the last', () => {
    bench = openBench();
    expect(ask(bench, 'cred add 7 client default str hellohello1')).toContain(
      'Added TLS credential of type SERVER_CERT, sectag 7, and length 11 bytes.\r\n',
    );
    for (const name of ['SERVER_CERT', 'CLIENT_CERT', 'SELF_CERT', 'SELF', 'CLIENT', 'SERV', 'serv'])
      expect(ask(bench, `cred add 7 ${name} DEFAULT str x`)).toContain('type SERVER_CERT already exists.');
    for (const name of ['ROOT', 'KEY', 'CERT'])
      expect(ask(bench, `cred add 7 ${name} DEFAULT str x`)).toBe(
        `${name} is not a valid credential type.\r\n`,
      );
    expect(ask(bench, 'cred list')).toBe(`7,SERV,${digest('hellohello1')},0\r\n1 credentials found.\r\n`);
  });

  test('the fifth credential finds no slot, after its size was acknowledged', () => {
    bench = openBench();
    for (const type of ['CA', 'SERV', 'PK', 'PSK']) ask(bench, `cred add 7 ${type} DEFAULT str secretsecret`);
    expect(ask(bench, 'cred add 8 CA DEFAULT str fifthcredential')).toBe(
      `Stored 15 bytes.\r\n${NO_SLOT}Credential buffer cleared.\r\n`,
    );
    expect(ask(bench, 'retval')).toBe('-12\r\n');
    expect(ask(bench, 'cred list')).toContain('4 credentials found.');
  });

  test('the list goes by tag, then by slot', () => {
    bench = openBench({ build: 'big' });
    for (const [tag, type] of [
      [9, 'PK'],
      [3, 'PSK'],
      [9, 'CA'],
      [3, 'CA'],
    ])
      ask(bench, `cred add ${tag} ${type} DEFAULT str 12345678`);
    expect(ask(bench, 'cred list').match(/^\d+,\w+/gm)).toEqual(['3,PSK', '3,CA', '9,PK', '9,CA']);
  });

  test('32-bit: the tag -1 hides others, and larger numbers are refused', () => {
    bench = openBench({ wordSizeBytes: 4 });
    for (const [tag, shown] of [
      ['2147483647', '2147483647'],
      ['2147483648', '-2147483648'],
      ['4294967295', '-1'],
    ])
      expect(ask(bench, `cred add ${tag} CA DEFAULT str abcdefgh`)).toContain(
        `sectag ${shown}, and length 8`,
      );
    for (const tag of ['4294967296', '99999999999999999999'])
      expect(ask(bench, `cred add ${tag} CA DEFAULT str abcdefgh`)).toBe(`${tag} is not a valid sectag.\r\n`);
    expect(ask(bench, 'cred list')).toBe(
      '-2147483648,CA,nFbMUbN0w7oYkhDVttS/V3kNNRyWxHwCGQ7PHkMGNas=,0\r\n1 credentials found.\r\n',
    );
  });
});

describe('the write buffer', () => {
  test.each([
    ['cred add 5 FOO DEFAULT bin', true],
    ['cred add 5 CA NVS bin', true],
    ['cred add 5', false],
    ['cred get 5 CA bin', true],
    ['cred del 5 CA', false],
    ['cred list', false],
    ['cred buf', false],
  ])('%s empties it: %s', (command, empties) => {
    bench = openBench();
    ask(bench, 'cred buf AAAA');
    expect(ask(bench, command).includes('Credential buffer cleared.')).toBe(empties);
    expect(ask(bench, 'cred add 6 CA DEFAULT bin').includes('Please provide')).toBe(empties);
  });

  test('reading a credential empties it twice over', () => {
    bench = openBench();
    ask(bench, 'cred add 78 PSK DEFAULT str abcdefgh');
    ask(bench, 'cred buf AAAA');
    expect(ask(bench, 'cred get 78 PSK str')).toBe(
      'Credential buffer cleared.\r\nabcdefgh\r\nCredential buffer cleared.\r\n',
    );
  });

  test('holds 1023 characters; the chunk that does not fit empties it', () => {
    bench = openBench();
    for (let count = 0; count < 5; count += 1) ask(bench, `cred buf ${'A'.repeat(50)}`);
    for (let count = 0; count < 15; count += 1) ask(bench, `cred buf ${'A'.repeat(50)}`);
    expect(ask(bench, `cred buf ${'A'.repeat(23)}`)).toBe('Stored 23 bytes.\r\n');
    expect(ask(bench, 'cred buf A')).toBe(
      'Not enough room in credential buffer for provided data. Increase CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE.\r\n' +
        'Credential buffer cleared.\r\n',
    );
    expect(ask(bench, 'retval')).toBe('-12\r\n');
  });

  test('a chunk spelled like a subcommand is one', () => {
    bench = openBench();
    expect(ask(bench, 'cred buf clear')).toBe('Credential buffer cleared.\r\n');
    expect(plain(bench.send('cred buf load\r'))).toBe(
      'cred buf load\r\nInput credential, finish with CTRL+C.\r\n',
    );
    expect(plain(bench.send('zzz\x03'))).toBe('Stored 3 bytes.\r\nuart:~$ ');
  });

  test('escapes inside quotes put line ends into text', () => {
    bench = openBench();
    expect(ask(bench, "cred buf '-----BEGIN X-----\\x0a'")).toBe('Stored 18 bytes.\r\n');
    expect(ask(bench, 'cred buf "a\\012\\"b"')).toBe('Stored 4 bytes.\r\n');
    ask(bench, 'cred add 5 CA DEFAULT strt');
    expect(ask(bench, 'cred list')).toContain(digest('-----BEGIN X-----\na\n"b\0'));
  });
});

describe('cred buf load', () => {
  test('stores what comes, line ends as sent, and drops the rest of the read after Ctrl-C', () => {
    bench = openBench();
    bench.send('cred buf load\r');
    expect(bench.send('line\r\n')).toBe('');
    expect(plain(bench.send('abc\x03cred list\r'))).toBe('Stored 9 bytes.\r\nuart:~$ ');
    ask(bench, 'cred add 5 CA DEFAULT strt');
    expect(ask(bench, 'cred list')).toContain(`5,CA,${digest('line\r\nabc\0')},0`);
  });

  test('too much ends the mode at once, and what follows is run as commands', () => {
    bench = openBench();
    bench.send('cred buf load\r');
    for (let count = 0; count < 31; count += 1) expect(bench.send('K'.repeat(32))).toBe('');
    const answer = plain(bench.send(`${'K'.repeat(32)}`) + bench.send('secret\r'));
    expect(answer).toContain('Not enough room in credential buffer');
    expect(answer).toContain('secret: command not found');
  });

  test('a buffer filled before is emptied first', () => {
    bench = openBench();
    ask(bench, 'cred buf AAAA');
    expect(ask(bench, 'cred buf load')).toBe(
      'Credential buffer cleared.\r\nInput credential, finish with CTRL+C.\r\n',
    );
    expect(plain(bench.send('\x03'))).toBe('Stored 0 bytes.\r\nuart:~$ ');
  });
});

describe('the defect of cred del on the volatile backend', () => {
  test('the heap is never given back: the seventh add of 900 bytes fails', () => {
    bench = openBench();
    for (let round = 0; round < 6; round += 1) {
      expect(addText(9, 'CA', 'A'.repeat(900))).toContain('length 900 bytes.');
      expect(ask(bench, 'cred del 9 CA')).toBe(
        'Stored credential freed.\r\nDeleted TLS credential with sectag 9 and type CA_CERT.\r\n',
      );
    }
    expect(addText(9, 'CA', 'A'.repeat(900))).toBe(
      'Not enough heap for TLS credential of size 900.\r\nCredential buffer cleared.\r\n',
    );
    expect(ask(bench, 'retval')).toBe('-12\r\n');
  });

  test('deleting one credential loses the references of the others', () => {
    bench = openBench();
    addText(1001, 'CA', 'A'.repeat(450));
    addText(1001, 'SERV', 'B'.repeat(697));
    addText(1001, 'PK', 'C'.repeat(242));
    const deleted = (type: string): string => `Deleted TLS credential with sectag 1001 and type ${type}.\r\n`;
    expect(ask(bench, 'cred del 1001 CA')).toBe(`Stored credential freed.\r\n${deleted('CA_CERT')}`);
    expect(ask(bench, 'cred del 1001 PK')).toBe(deleted('PRIVATE_KEY'));
    expect(ask(bench, 'cred del 1001 SERV')).toBe(deleted('SERVER_CERT'));
    expect(ask(bench, 'cred list')).toBe('0 credentials found.\r\n');
  });

  test.each([
    [8, 1, 'crashes'],
    [8, 2, 'crashes'],
    [8, 3, 'goes on'],
    [4, 3, 'crashes'],
    [4, 4, 'goes on'],
  ] as const)('%i-byte words, a credential of %i bytes: the device %s', (wordSizeBytes, size, expected) => {
    bench = openBench({ wordSizeBytes });
    const events: string[] = [];
    bench.pipe.onEvent((event) => events.push(event));
    ask(bench, `cred add 5 CA DEFAULT str ${'x'.repeat(size)}`);
    bench.send('cred del 5 CA\r');
    expect(events).toEqual(expected === 'crashes' ? ['crashed'] : []);
    expect(bench.send('cred list\r') === '').toBe(expected === 'crashes');
  });

  test('on 32-bit, 4 bytes hit one reference and 8 hit two', () => {
    for (const [size, second] of [
      [4, true],
      [8, false],
    ] as const) {
      bench = openBench({ wordSizeBytes: 4 });
      ask(bench, `cred add 5 CA DEFAULT str ${'x'.repeat(size)}`);
      ask(bench, `cred add 5 PK DEFAULT str ${'x'.repeat(size)}`);
      expect(ask(bench, 'cred del 5 CA')).toContain('freed');
      expect(ask(bench, 'cred del 5 PK').includes('freed')).toBe(second);
      bench.pipe.close();
    }
  });
});

describe('protected storage', () => {
  test('there is no heap and no reference; a full store fails in its own words', () => {
    bench = openBench({ backend: 'protected' });
    for (const type of ['CA', 'SERV', 'PK', 'PSK'])
      expect(ask(bench, `cred add 7 ${type} DEFAULT str ab`)).not.toContain('heap');
    expect(ask(bench, 'cred add 8 CA DEFAULT str ab')).toBe(
      'Stored 2 bytes.\r\n' +
        'Failed to add TLS credential with sectag 8 and type CA_CERT. Error: -12\r\n.Credential buffer cleared.\r\n',
    );
    expect(ask(bench, 'cred del 7 CA')).toBe('Deleted TLS credential with sectag 7 and type CA_CERT.\r\n');
  });

  test.each([
    ['volatile', '0 credentials found.'],
    ['protected', '1 credentials found.'],
  ] as const)('after a reboot the %s backend has %s', (backend, expected) => {
    bench = openBench({ backend });
    ask(bench, 'cred add 7 CA DEFAULT str abcdefgh');
    bench.send('kernel reboot cold\r');
    bench.wait(10);
    expect(ask(bench, 'cred list')).toContain(expected);
  });
});

test('a fault can make the shown digests wrong', () => {
  bench = openBench({ faults: { corruptDigest: true } });
  ask(bench, 'cred add 7 CA DEFAULT str abcdefgh');
  const [, shown] = /7,CA,([A-Za-z0-9+/]{43}=),0/.exec(ask(bench, 'cred list')) ?? [];
  expect(shown).toBeDefined();
  expect(shown).not.toBe(digest('abcdefgh'));
});
