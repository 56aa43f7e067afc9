import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { GuardedTranscript } from '../../../core/link/session/guardedTranscript.ts';

function record() {
  const entries: string[] = [];
  const transcript = new GuardedTranscript({
    write: (direction, text) => entries.push(`${direction}: ${text}`),
  });
  return { entries, transcript };
}

test('writes both directions while it is light', () => {
  const { entries, transcript } = record();
  transcript.sent('cred list');
  transcript.received('0 credentials found.');
  transcript.received('');
  expect(entries).toEqual(['to-device: cred list', 'from-device: 0 credentials found.']);
});

test('writes nothing but harmless rows while it is dark', () => {
  const { entries, transcript } = record();
  transcript.goDark((row) => row === 'Stored 4 bytes.');
  transcript.sent('cred buf SECRET');
  transcript.received('uart:~$ cred buf SECRET');
  transcript.received('Stored 4 bytes.');
  transcript.note('[secret, 4 bytes]');
  expect(entries).toEqual(['from-device: Stored 4 bytes.', 'note: [secret, 4 bytes]']);
  expect(transcript.dark).toBe(true);
  transcript.lightUp();
  transcript.sent('cred list');
  expect(entries.at(-1)).toBe('to-device: cred list');
});

test('masks for ever what was once secret, even cut by a line break', () => {
  const { entries, transcript } = record();
  const secret = randomBytes(138).toString('base64');
  transcript.remember(secret);
  transcript.received(`[  2] cred buf ${secret}`);
  transcript.received(`history ${secret.slice(0, 20)}`);
  transcript.received(`${secret.slice(20, 60)} end`);
  transcript.sent(`cred buf ${secret.slice(7, 90)}`);
  const written = entries.join('').replaceAll('from-device: ', '');
  for (let start = 0; start + 8 <= secret.length; start += 1) {
    expect(written).not.toContain(secret.slice(start, start + 8));
  }
  expect(entries.at(-2)).toMatch(/ end$/);
  expect(transcript.mask('nothing secret here')).toBe('nothing secret here');
});

test('leaves out what a device babbles, says so once, and writes again from the next command on', () => {
  const { entries, transcript } = record();
  transcript.sent('cred list');
  for (let row = 0; row < 500; row += 1) transcript.received('x'.repeat(1_000));
  expect(entries.length).toBe(1 + 65 + 1);
  expect(entries.at(-1)).toMatch(/^note: left out: all that comes beyond 65536 characters/);
  transcript.sent('cred list');
  transcript.received('0 credentials found.');
  expect(entries.slice(-2)).toEqual(['to-device: cred list', 'from-device: 0 credentials found.']);
});
