import { describe, expect, test } from 'vitest';
import { afterPrompt, type Command, readExchange } from '../../../core/link/session/exchange.ts';

const PROMPT = 'uart:~$ ';
const buffer = (text: string): Command => ({
  text: `cred buf ${text}`,
  isFinal: (row) => /^Stored \d+ bytes\.$/.test(row),
});
const read = (rows: readonly string[], command: Command, echo = true) =>
  readExchange(rows, PROMPT, command, echo);
const long = `${'A'.repeat(63)}${'B'.repeat(80)}CCC`;
const wrapped = [`${PROMPT}cred buf ${'A'.repeat(63)}`, 'B'.repeat(80), 'CCC'];

describe('echo', () => {
  test('is counted while it comes back', () => {
    expect(read([`${PROMPT}cred bu`], buffer('AAAA'))).toEqual({
      kind: 'typing',
      echoedCount: 7,
      mismatch: false,
    });
    expect(read([PROMPT], buffer('AAAA'))).toEqual({ kind: 'typing', echoedCount: 0, mismatch: false });
  });

  test('is followed over the rows into which the shell breaks it', () => {
    expect(read(wrapped.slice(0, 1), buffer(long))).toMatchObject({ echoedCount: 72 });
    expect(read([...wrapped.slice(0, 1), ''], buffer(long))).toMatchObject({
      echoedCount: 72,
      mismatch: false,
    });
    expect(read([wrapped[0] ?? '', 'BBB'], buffer(long))).toMatchObject({ echoedCount: 75, mismatch: false });
    expect(read([...wrapped, ''], buffer(long))).toMatchObject({ kind: 'running' });
  });

  test('that differs is a mismatch, and so is a prompt that came back too early', () => {
    expect(read([`${PROMPT}cred buf AXA`], buffer('AAAA'))).toMatchObject({ kind: 'typing', mismatch: true });
    expect(read([`${PROMPT}cred buf AAA`, 'Stored 3 bytes.', PROMPT], buffer('AAAA'))).toMatchObject({
      kind: 'typing',
      echoedCount: 0,
      mismatch: true,
    });
    expect(read(['[00:00:01.000] <inf> erased the prompt'], buffer('AAAA'))).toMatchObject({
      mismatch: true,
    });
  });

  test('is taken from the last redraw when log lines interrupt it', () => {
    expect(read(['tick 1', 'tick 2', `${PROMPT}cred buf A`], buffer('AAAA'))).toMatchObject({
      echoedCount: 10,
    });
    // vt100 off: nothing is erased, the log line is glued to what was typed.
    expect(
      read([`${PROMPT}cred li[00:00:09] <inf> tick`, `${PROMPT}cred li${PROMPT}cred buf A`], buffer('AAAA')),
    ).toMatchObject({
      echoedCount: 10,
      mismatch: false,
    });
  });
});

describe('a reply', () => {
  const echoed = `${PROMPT}cred buf AAAA`;

  test('ends with its final row and the prompt after it', () => {
    expect(read([echoed, 'Stored 4 bytes.'], buffer('AAAA'))).toMatchObject({
      kind: 'running',
      replyRows: [],
    });
    expect(read([echoed, 'Stored 4 bytes.', 'uart'], buffer('AAAA'))).toMatchObject({ kind: 'running' });
    expect(read([echoed, 'Stored 4 bytes.', PROMPT], buffer('AAAA'))).toEqual({
      kind: 'done',
      replyRows: ['Stored 4 bytes.'],
      promptRow: 2,
    });
  });

  test('does not end at the echo of the next line, but at the prompt before it', () => {
    expect(read([echoed, 'Stored 4 bytes.', `${PROMPT}cred buf BB`], buffer('AAAA'))).toMatchObject({
      kind: 'done',
      promptRow: 2,
    });
  });

  test('survives a log line that draws the command again', () => {
    expect(read([echoed, 'tick 1', echoed, 'Stored 4 bytes.', PROMPT], buffer('AAAA'))).toMatchObject({
      kind: 'done',
      replyRows: ['tick 1', 'Stored 4 bytes.'],
    });
    expect(read([echoed, 'tick 1', `${echoed}Stored 4 bytes.`, PROMPT], buffer('AAAA'))).toMatchObject({
      kind: 'done',
      replyRows: ['tick 1', 'Stored 4 bytes.'],
    });
    expect(read([echoed, 'tick 1', `${PROMPT}cred bu`], buffer('AAAA'))).toMatchObject({ kind: 'running' });
  });

  test('is not ended by a log line that merely contains the final words', () => {
    expect(read([echoed, 'peer said: Stored 4 bytes.', PROMPT], buffer('AAAA'))).toMatchObject({
      kind: 'running',
      atPrompt: true,
    });
  });

  test('without echo begins at the first line feed', () => {
    expect(read([PROMPT], buffer('AAAA'), false)).toMatchObject({ kind: 'running', atPrompt: false });
    expect(read([PROMPT, 'Stored 4 bytes.', PROMPT], buffer('AAAA'), false)).toMatchObject({
      kind: 'done',
      replyRows: ['Stored 4 bytes.'],
    });
  });

  test('of a wrapped command begins after its last row', () => {
    expect(read([...wrapped, 'Stored 146 bytes.', PROMPT], buffer(long))).toMatchObject({
      kind: 'done',
      replyRows: ['Stored 146 bytes.'],
      promptRow: 4,
    });
  });
});

test('the last prompt in a row counts', () => {
  expect(afterPrompt(`cred liuart:~$ cred`, PROMPT)).toBe('cred');
  expect(afterPrompt('nothing', PROMPT)).toBeUndefined();
});
