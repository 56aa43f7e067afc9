import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { drivers } from '../../../core/host/drivers.ts';
import { checkTargetText, isTargetPath, readTargetFile } from '../../../core/link/targetFile.ts';

const target = (...more: readonly string[]): string =>
  ['{', '  "name": "board",', '  "version": 1,', '  "title": "Board",', ...more, '}'].join('\n');
const check = (...more: readonly string[]) => checkTargetText(target(...more), drivers).mistakes;

describe('a target file', () => {
  test('that is right has no mistakes', () => {
    const { target: found, mistakes } = checkTargetText(target('  "driver": "zephyr"'), drivers);
    expect(mistakes).toEqual([]);
    expect(found?.driver).toBe('zephyr');
  });

  test.each([
    ['a missing comma', ['  "driver": "zephyr"', '  "line": {}'], 6, '', /^not JSON: comma expected/],
    ['a comment', ['  // for the lab', '  "driver": "zephyr"'], 5, '', /^not JSON: invalid comment/],
    [
      'a wrong value',
      ['  "driver": "zephyr",', '  "line": {', '    "baudRate": 12', '  }'],
      7,
      'line.baudRate',
      /^must be at least 300$/,
    ],
    ['a number in place of a name', ['  "driver": 3'], 5, 'driver', /^must be text in quotes$/],
    [
      'a number in quotes',
      ['  "driver": "zephyr",', '  "line": {', '    "baudRate": "9600"', '  }'],
      7,
      'line.baudRate',
      /^must be a number, without quotes$/,
    ],
    [
      'a choice that there is not',
      ['  "driver": "nrf91",', '  "options": {', '    "frontEnd": "shell"', '  }'],
      7,
      'options.frontEnd',
      /^must be one of "auto", "at-host", "at-shell"$/,
    ],
    [
      'options that do not go together',
      [
        '  "driver": "zephyr",',
        '  "options": {',
        '    "chain": "leaf+issuing",',
        '    "format": "der"',
        '  }',
      ],
      8,
      'options.format',
      /^a chain of two certificates/,
    ],
    ['an unknown field', ['  "driver": "zephyr",', '  "baud": 9600'], 6, 'baud', /^unknown field$/],
    ['an unknown driver', ['  "driver": "zepyr"'], 5, 'driver', /^unknown "zepyr"; known: zephyr, /],
    [
      'a key that nobody makes',
      ['  "driver": "zephyr",', '  "keyAlgorithms": [', '    "P-256",', '    "P-512"', '  ]'],
      8,
      'keyAlgorithms[1]',
      /"P-256"/,
    ],
    [
      'a key that its driver cannot write',
      ['  "driver": "esp32",', '  "keyAlgorithms": [', '    "P-256",', '    "Ed25519"', '  ]'],
      8,
      'keyAlgorithms[1]',
      /^Ed25519 cannot be written in the form that the options name; possible: P-256, P-384, RSA-2048, RSA-3072$/,
    ],
    [
      'places for a password where there are none',
      ['  "driver": "zephyr",', '  "passwordSlot": { "username": "/u", "password": "/p" }'],
      6,
      'passwordSlot',
      /^passwordSlot: devices of this kind have no place for them$/,
    ],
    [
      'places in a format that has none',
      ['  "driver": "esp32",', '  "passwordSlot": { "username": "u", "password": "p" }'],
      6,
      'passwordSlot',
      /no place/,
    ],
    [
      'the same place twice',
      ['  "driver": "mcumgr",', '  "passwordSlot": { "username": "/u", "password": "/u" }'],
      6,
      'passwordSlot.password',
      /^“\/u” is taken$/,
    ],
    [
      'a place that the certificate has',
      ['  "driver": "files",', '  "passwordSlot": { "username": "key.pem", "password": "p" }'],
      6,
      'passwordSlot.username',
      /^“key\.pem” is taken$/,
    ],
    [
      'a place that its driver does not understand',
      ['  "driver": "files",', '  "passwordSlot": { "username": "u", "password": "../p" }'],
      6,
      'passwordSlot.password',
      /^must be a file’s name$/,
    ],
    [
      'a wrong option of the driver',
      ['  "driver": "nrf91",', '  "options": {', '    "securityTag": -1', '  }'],
      7,
      'options.securityTag',
      /./,
    ],
    [
      'an unknown option of the driver',
      ['  "driver": "nrf91",', '  "options": {', '    "securityTag": 1,', '    "frontend": "auto"', '  }'],
      8,
      'options.frontend',
      /^unknown field$/,
    ],
  ])('with %s names line and field', (_, more, line, field, reason) => {
    expect(check(...more)[0]).toEqual({ line, field, reason: expect.stringMatching(reason) });
  });

  test('without a list of keys takes what its driver can write', () => {
    const { target: plain } = checkTargetText(target('  "driver": "freertos-pki"'), drivers);
    expect(plain?.keyAlgorithms).toEqual(['P-256']);
    const sec1 = '  "driver": "mcumgr", "options": { "privateKey": "sec1" }';
    expect(checkTargetText(target(sec1), drivers).target?.keyAlgorithms).not.toContain('Ed25519');
  });

  test('that lacks what it must have says so, and of broken JSON tells the first mistake alone', () => {
    const lacking = checkTargetText('{ "name": "board", "driver": "zephyr", "title": "" }', drivers).mistakes;
    expect(lacking.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      'version is missing',
      'title is empty',
    ]);
    expect(check('  "driver": "a"b"', '  "line": {}')).toHaveLength(1);
    expect(checkTargetText('', drivers).mistakes).toEqual([
      { line: 1, field: '', reason: 'not JSON: value expected' },
    ]);
  });

  test('with several mistakes names each', () => {
    const mistakes = check(
      '  "driver": "nrf91",',
      '  "options": {',
      '    "securityTag": -1,',
      '    "frontEnd": "x"',
      '  }',
    );
    expect(mistakes.map(({ line }) => line)).toEqual([7, 8]);
  });

  test('of any content is checked without falling over', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"driver":"nrf91","options":${json}}`),
        ),
        (text) => {
          const { target: found, mistakes } = checkTargetText(text, drivers);
          expect(found === undefined).toBe(mistakes.length > 0);
          for (const { line } of mistakes) expect(line).toBeLessThanOrEqual(text.split('\n').length);
        },
      ),
    );
  });
});

describe('read for use', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-target-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('names file and line', () => {
    const path = join(folder, 'mine.json');
    writeFileSync(path, target('  "driver": "nrf91",', '  "options": { "securityTag": "one" }'));
    expect(() => readTargetFile(path, drivers)).toThrow(
      expect.objectContaining({
        code: 'target_invalid',
        details: expect.objectContaining({ source: `${path}:6` }),
      }),
    );
    expect(() => readTargetFile(join(folder, 'none.json'), drivers)).toThrow(StationError);
  });

  test.each([
    ['zephyr-shell', false],
    ['./mine', true],
    ['mine.json', true],
    ['C:\\targets\\mine.json', true],
  ])('%s is a path: %s', (text, path) => {
    expect(isTargetPath(text)).toBe(path);
  });
});
