import { describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { DeviceLock } from '../../../core/link/seal/deviceLock.ts';
import { sealSchema } from '../../../core/link/seal/sealOptions.ts';
import { Questions } from '../../../core/link/session/questions.ts';
import { failure } from '../../support/familyBench.ts';

const options = sealSchema.parse({
  warning: 'It can never be changed again.',
  commands: [
    { command: 'arm', done: '^armed$' },
    { command: 'lock', done: '^locked$' },
  ],
  state: { command: 'state', locked: '^state: locked$', unlocked: '^state: open$' },
});

/** A device with a lock; `answer` may change what it says, or throw in its place. */
function device(
  answer: (command: string, usual: readonly string[]) => readonly string[] = (_, usual) => usual,
) {
  const sent: string[] = [];
  let armed = false;
  let closed = false;
  const usual = (command: string): readonly string[] => {
    if (command === 'state') return [`state: ${closed ? 'locked' : 'open'}`];
    if (command === 'arm') armed = true;
    else if (armed) closed = true;
    return [command === 'arm' ? 'armed' : 'locked'];
  };
  const lock = new DeviceLock(options, {
    questions: new Questions({ write: () => {} }, async () => {}),
    send: async (command) => {
      sent.push(command);
      return answer(command, usual(command));
    },
  });
  return { lock, sent, isClosed: () => closed };
}

describe('a lock', () => {
  test('is read, closed in the order of its commands, and read again', async () => {
    const { lock, sent } = device();
    expect(await lock.isClosed()).toBe(false);
    expect(await lock.close()).toEqual({ lock: 'closed', closedBefore: false, readBackBy: 'state' });
    expect(sent).toEqual(['state', 'state', 'arm', 'lock', 'state']);
  });

  test('that is closed already gets no command', async () => {
    const { lock, sent } = device();
    await lock.close();
    sent.length = 0;
    expect(await lock.close()).toMatchObject({ closedBefore: true });
    expect(sent).toEqual(['state']);
  });

  test('stops at the first command that is not answered as it should be', async () => {
    const { lock, sent, isClosed } = device((command, usual) => (command === 'arm' ? ['busy'] : usual));
    const error = await failure(lock.close());
    expect(error.code).toBe('device_refused');
    expect(error.details).toMatchObject({ command: 'arm', reason: 'busy' });
    expect(sent).not.toContain('lock');
    expect(isClosed()).toBe(false);
  });

  test('whose answer was lost counts as closed only because the device says so', async () => {
    const lost = device((command, usual) => {
      if (command === 'lock') throw new StationError('device_silent', {});
      return usual;
    });
    expect(await lost.lock.close()).toMatchObject({ lock: 'closed', answer: 'device_silent' });

    const dead = device((command, usual) => {
      if (command === 'arm') throw new StationError('device_silent', {});
      return usual;
    });
    expect((await failure(dead.lock.close())).code).toBe('device_silent');
  });

  test('is in doubt where the port is gone: nobody can be asked', async () => {
    const { lock } = device((command, usual) => {
      if (command === 'lock') throw new StationError('device_gone', {});
      return usual;
    });
    expect((await failure(lock.close())).code).toBe('device_gone');
  });

  test('that says done and stays open is a failure', async () => {
    const { lock } = device((command, usual) => (command === 'state' ? ['state: open'] : usual));
    const error = await failure(lock.close());
    expect(error.details).toMatchObject({ command: 'state', reason: 'the lock is still open' });
  });

  test.each([
    ['neither', ['what?']],
    ['both', ['state: open', 'state: locked']],
    ['nothing', []],
    ['it, at the end of an endless line', [`${'x'.repeat(600)}\nstate: open`]],
  ])('whose state is told as %s is not closed blindly', async (_, lines) => {
    const { lock, sent } = device((command, usual) => (command === 'state' ? lines : usual));
    expect((await failure(lock.close())).details).toMatchObject({ what: 'lock state' });
    expect(sent).toEqual(['state', 'state']);
  });
});

describe('the description of a lock', () => {
  test.each([
    ['no command', { ...options, commands: [] }],
    ['a command of two lines', { ...options, commands: [{ command: 'a\nb', done: 'x' }] }],
    ['a broken pattern', { ...options, state: { ...options.state, locked: '(' } }],
    ['no words for the operator', { ...options, warning: '' }],
    ['an unknown field', { ...options, force: true }],
  ])('with %s is refused', (_, input) => {
    expect(sealSchema.safeParse(input).success).toBe(false);
  });
});
