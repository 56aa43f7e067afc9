// One driver in one situation: a run over a real pseudo-terminal in the middle of which something happens, and how it ended.

import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import type { PasswordCredential } from '../../../core/domain/install.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { ERROR_SIDES, StationError } from '../../../core/domain/stationError.ts';
import type { LineEvent, LineFault } from '../../../core/simulator/lineDevice.ts';
import {
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';
import type { LeafAuthority } from '../../support/leafAuthority.ts';
import { type Contestant, type Subject, sha256 } from './contestants.ts';
import { type Garble, garbled } from './garble.ts';

const PASSWORD = 'kZ7wq-3sLm9xTb2vRn4p';

/** Beside the certificate, where the target has a place: a username and a password. */
const givenTo = ({ target }: Contestant): { readonly password?: PasswordCredential } =>
  target.passwordSlot === undefined
    ? {}
    : { password: { username: 'SN-1', password: Secret.fromText(PASSWORD) } };

const holdsPassword = ({ target }: Contestant, subject: Subject): boolean =>
  target.passwordSlot === undefined || sha256(subject.heldPassword?.()) === sha256(Buffer.from(PASSWORD));

export const PHASES = ['open', 'identify', 'install', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

/** A true pass in whose record stands that an answer was garbled and its question repeated. */
export const ASKED_AGAIN = 'asked again';

const LOG_LINE = Buffer.from('\r\n[00:00:12.345,678] <inf> app: OK then\r\n', 'latin1');
/** Everything that could be taken for something: quotes, prompts, finals, control bytes, half an escape sequence. */
const GARBAGE = Buffer.from('\r\n"\xc0\xdb> \x00\x04\xff\x1b[\x07CONNECT\r\nERR\r\n\x03~', 'latin1');
/** Every family's prompt, where none belongs. */
const PROMPTS = Buffer.from('\r\n> \r\nuart:~$ \r\n>>> \r\n>', 'latin1');

export interface Situation {
  readonly name: string;
  readonly event: LineEvent;
  readonly phases: readonly Phase[];
  /** Where only one ending is right. */
  readonly expected?: readonly string[];
}

export const situations: readonly Situation[] = [
  { name: 'unplugged', event: { kind: 'unplug' }, phases: PHASES, expected: ['device_gone'] },
  { name: 'silent', event: { kind: 'silence' }, phases: PHASES },
  { name: 'rebooted', event: { kind: 'reboot' }, phases: PHASES },
  { name: 'garbage', event: { kind: 'noise', bytes: GARBAGE }, phases: PHASES },
  { name: 'log line', event: { kind: 'noise', bytes: LOG_LINE }, phases: PHASES },
  { name: 'prompts', event: { kind: 'noise', bytes: PROMPTS }, phases: PHASES },
  // Half of the smallest ring in use: what else comes while the device is busy is gone.
  { name: 'ring overrun', event: { kind: 'overrun', busyMs: 20, ringBytes: 32 }, phases: PHASES },
  { name: 'bytes lost', event: { kind: 'loss', count: 7 }, phases: PHASES },
  {
    name: 'other device',
    event: { kind: 'swap' },
    phases: ['install', 'verify'],
    expected: ['device_changed'],
  },
];

/** Bytes that have passed when a phase begins and when it ends. */
type Span = readonly [number, number];

export interface Spans {
  /** Of what the host sends. */
  readonly toDevice: ReadonlyMap<Phase, Span>;
  /** Of what the device answers: a key that it makes is no part of `identify` here. */
  readonly answers: ReadonlyMap<Phase, Span>;
}

const GARBLE = { count: 8 } as const;
const GARBLE_EVERY = 48;
/** How a run ends whose answers are garbled again and again. */
const GARBLED_ENDINGS = ['device_answer_invalid', 'device_silent', 'bytes_lost', 'verification_mismatch'];
/** In the middle of a write a device may also refuse what came of a wrong beginning, or be waited for too long. */
const GARBLED_WRITE_ENDINGS = [...GARBLED_ENDINGS, 'device_refused', 'phase_timeout'];
/** What a verification rests on is asked again; in `identify` a firmware's name may be garbled, which is for the record only. */
const ONCE_ENDINGS: Readonly<Partial<Record<Phase, readonly string[]>>> = {
  identify: [ASKED_AGAIN, 'pass'],
  verify: [ASKED_AGAIN],
};

/** How many bytes have passed either way when each phase begins and ends, from a run without fault. */
export async function measure(contestant: Contestant, authority: LeafAuthority): Promise<Spans> {
  const subject = contestant.newSubject();
  let sent = 0;
  let received = 0;
  const { pipe } = memoryPipe((send) =>
    subject.make((bytes) => {
      received += bytes.length;
      send(bytes);
    }),
  );
  const counting = {
    ...pipe,
    write(bytes: Uint8Array) {
      sent += bytes.length;
      pipe.write(bytes);
    },
  };
  const now = (): { readonly sent: number; readonly received: number } => ({ sent, received });
  const session = await openInMemory(contestant.driver, contestant.target, counting);
  const opened = now();
  let identified = opened;
  let installing = opened;
  let verifying = opened;
  await runCycle(session, authority, {
    ...givenTo(contestant),
    beforeKey: () => {
      identified = now();
    },
    beforeInstall: () => {
      installing = now();
    },
    beforeVerify: () => {
      verifying = now();
    },
  });
  const verified = now();
  await session.close();
  return {
    toDevice: new Map([
      ['open', [0, opened.sent]],
      ['identify', [opened.sent, installing.sent]],
      ['install', [installing.sent, verifying.sent]],
      ['verify', [verifying.sent, verified.sent]],
    ]),
    answers: new Map([
      ['identify', [opened.received, identified.received]],
      ['install', [installing.received, verifying.received]],
      ['verify', [verifying.received, verified.received]],
    ]),
  };
}

/** Runs a device of `subject` from identity to verified store; how that ended, in one word. */
export async function runCell(
  contestant: Contestant,
  authority: LeafAuthority,
  subject: Subject,
  { fault, garble, swapBefore, replace = true, before }: CellOptions = {},
): Promise<string> {
  const make = garble === undefined ? subject.make : garbled(subject.make, garble);
  const { portPath, device, unplug } = await plugIn(make, fault);
  const transcript = new Transcript();
  let session: DeviceSession | undefined;
  try {
    if (before !== undefined) {
      session = await openOnPort(contestant.driver, contestant.target, portPath);
      await before(session);
      await session.close();
    }
    session = await openOnPort(contestant.driver, contestant.target, portPath, { transcript });
    const { certificateDer, verifications } = await runCycle(session, authority, {
      replace,
      ...givenTo(contestant),
      beforeInstall: () => swapBefore === 'install' && device.swap(),
      beforeVerify: () => swapBefore === 'verify' && device.swap(),
    });
    if (sha256(subject.heldCertificate()) === sha256(certificateDer) && holdsPassword(contestant, subject)) {
      return transcript.asked.length === 0 ? 'pass' : ASKED_AGAIN;
    }
    // Only a module that cannot be asked what it holds may end like this, and it says so.
    return verifications.every(({ check }) => check === 'impossible' || check === 'length-only')
      ? 'unproved'
      : 'FALSE PASS';
  } catch (error) {
    if (error instanceof StationError) return error.code;
    return `CRASH ${String(error)}`;
  } finally {
    await session?.close();
    unplug();
  }
}

export interface CellOptions {
  readonly fault?: LineFault;
  readonly garble?: Garble;
  readonly swapBefore?: Phase;
  readonly replace?: boolean;
  /** What is done with the device in a session of its own beforehand. */
  readonly before?: (session: DeviceSession) => Promise<unknown>;
}

/** Whether this is an ending that an operator may be shown: a true pass, or something that the device is blamed for. */
export const isAccepted = (outcome: string): boolean =>
  ['pass', ASKED_AGAIN, 'unproved', 'slot_taken'].includes(outcome) ||
  (outcome in ERROR_SIDES && ERROR_SIDES[outcome as keyof typeof ERROR_SIDES] === 'device');

/** Every situation of one driver, in the table's order. */
export async function runAll(
  contestant: Contestant,
  authority: LeafAuthority,
  report: (situation: string, outcome: string, expected: readonly string[] | undefined) => void,
): Promise<void> {
  report('nothing wrong', await runCell(contestant, authority, contestant.newSubject()), ['pass']);
  const spans = await measure(contestant, authority);
  for (const { name, event, phases, expected } of situations) {
    for (const phase of phases) {
      const [from, to] = spans.toDevice.get(phase) ?? [0, 0];
      const fault = { afterBytes: Math.floor((from + to) / 2) + 1, event };
      const how: CellOptions = event.kind === 'swap' ? { swapBefore: phase } : { fault };
      const outcome = await runCell(contestant, authority, contestant.newSubject(), how);
      report(`${name}, ${phase}`, outcome, expected);
    }
  }
  for (const [phase, [from, to]] of spans.answers) {
    const garble = { afterBytes: Math.floor((from + to) / 2), ...GARBLE, into: contestant.foreignByte };
    const once = await runCell(contestant, authority, contestant.newSubject(), { garble });
    report(`answer garbled once, ${phase}`, once, ONCE_ENDINGS[phase]);
    const always = { ...garble, every: GARBLE_EVERY };
    const often = await runCell(contestant, authority, contestant.newSubject(), { garble: always });
    report(
      `answers garbled on, ${phase}`,
      often,
      phase === 'install' ? GARBLED_WRITE_ENDINGS : GARBLED_ENDINGS,
    );
  }
  const taken = await runCell(contestant, authority, contestant.newSubject(), {
    replace: false,
    before: (session) => runCycle(session, authority),
  });
  report('slot taken, install', taken, ['slot_taken']);
  if (contestant.neverFull === true) return;
  const refused = await runCell(contestant, authority, contestant.newSubject(true));
  report('device full, install', refused, ['device_store_full', 'device_refused']);
}
