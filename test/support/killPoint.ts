// Loaded into the real process before its own code (`node --import`): names every point at which a power cut could fall,
// and ends the process at the one that is asked for. The product knows nothing of it; it only publishes what it does.
//
//   KEYLINE_KILL_AT    the point, as KEYLINE_POINTS_OUT lists it: `before recordIssued #1`
//   KEYLINE_SIGNALS    what it is sent there, SIGKILL unless told otherwise: `SIGINT`, `SIGINT,SIGINT`
//   KEYLINE_POINTS_OUT a file that gets one line per point passed
//   KEYLINE_KEYS_OUT   a file outside the data folder that gets every secret this process makes, in hexadecimal: the scalar of a
//                      private key, the characters of a password
//   KEYLINE_FILES_OF   a folder: changes of files in it are points too

import crypto from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';

const {
  KEYLINE_KILL_AT,
  KEYLINE_SIGNALS = 'SIGKILL',
  KEYLINE_POINTS_OUT,
  KEYLINE_KEYS_OUT,
  KEYLINE_FILES_OF,
} = process.env;
const { appendFileSync } = fs;
const passed = new Map<string, number>();
let quiet = false;

function point(name: string): void {
  if (quiet) return;
  const count = (passed.get(name) ?? 0) + 1;
  passed.set(name, count);
  const numbered = `${name} #${count}`;
  quiet = true;
  if (KEYLINE_POINTS_OUT !== undefined) appendFileSync(KEYLINE_POINTS_OUT, `${numbered}\n`);
  quiet = false;
  if (numbered === KEYLINE_KILL_AT)
    for (const signal of KEYLINE_SIGNALS.split(',')) process.kill(process.pid, signal);
}

interface Journal {
  readonly when: string;
  readonly what: string;
  readonly facts: { readonly phase?: string };
}
subscribe('keyline.journal', (message) => {
  const { when, what, facts } = message as Journal;
  point([when, what, ...(facts.phase === undefined ? [] : [facts.phase])].join(' '));
});

interface RunEvent {
  readonly kind: string;
  readonly phase?: string;
}
subscribe('keyline.phase', (message) => {
  const { kind, phase } = message as RunEvent;
  switch (kind) {
    case 'phase-begun':
      return point(`in ${phase}`);
    case 'phase-ended':
      return point(`between ${phase} and the next`);
    case 'install-progress':
      return point('bytes on the line');
    case 'closed':
      return point('closed');
  }
});

if (KEYLINE_KEYS_OUT !== undefined) {
  const file = KEYLINE_KEYS_OUT;
  const keep = (secret: Uint8Array): void => {
    quiet = true;
    appendFileSync(file, `${Buffer.from(secret).toString('hex')}\n`);
    quiet = false;
  };
  const original = crypto.generateKeyPairSync;
  const recording = (...parameters: Parameters<typeof original>) => {
    const pair = original(...parameters) as unknown as { privateKey: crypto.KeyObject };
    const { d = '' } = pair.privateKey.export({ format: 'jwk' });
    keep(Buffer.from(d, 'base64url'));
    return pair;
  };
  crypto.generateKeyPairSync = recording as unknown as typeof original;
  // What mosquitto checks a password by is made with so few rounds; the authority's keys are never derived so.
  const { pbkdf2Sync } = crypto;
  const deriving: typeof pbkdf2Sync = (password, salt, rounds, keyLength, digest) => {
    if (digest === 'sha512' && rounds === 1_000) keep(Buffer.from(password as Uint8Array));
    return pbkdf2Sync(password, salt, rounds, keyLength, digest);
  };
  crypto.pbkdf2Sync = deriving;
}

if (KEYLINE_FILES_OF !== undefined) {
  const folder = KEYLINE_FILES_OF;
  const { openSync, renameSync, mkdirSync, writeSync } = fs;
  const shown = (path: fs.PathLike): string | undefined =>
    String(path).startsWith(folder)
      ? (relative(folder, String(path)) || 'of data').replace(/partial-[0-9a-f]+/, 'partial')
      : undefined;
  /** Half of a file's bytes, then the point, then the rest: the cut falls into the middle of a write. */
  const halves = new Map<number, string>();
  fs.openSync = (path, ...rest) => {
    const file = openSync(path, ...rest);
    const name = shown(path);
    if (name !== undefined && /^[aw]/.test(String(rest[0] ?? 'r'))) halves.set(file, name);
    return file;
  };
  fs.writeSync = ((file: number, bytes: Uint8Array | string, offset = 0, ...rest: never[]) => {
    const name = halves.get(file);
    halves.delete(file);
    if (name === undefined || typeof bytes === 'string' || rest.length > 0)
      return (writeSync as (...all: unknown[]) => number)(file, bytes, offset, ...rest);
    const from = Number(offset);
    const written = writeSync(file, bytes, from, Math.ceil((bytes.length - from) / 2));
    point(`half of ${name}`);
    return written;
  }) as typeof writeSync;
  fs.renameSync = (from, to) => {
    const name = shown(to);
    if (name !== undefined) point(`before ${name} is in place`);
    renameSync(from, to);
    if (name !== undefined) point(`after ${name} is in place`);
  };
  fs.mkdirSync = ((path: fs.PathLike, ...rest: never[]) => {
    const result = mkdirSync(path, ...rest);
    const name = shown(path);
    if (name !== undefined) point(`after folder ${name}`);
    return result;
  }) as typeof mkdirSync;
}
syncBuiltinESMExports();
