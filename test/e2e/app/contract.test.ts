// A page that got hold of the port says whatever it likes: the station refuses it, says so in its log, and goes on.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT_VERSION, MESSAGE_MAX_LENGTH } from '../../../core/contract/limits.ts';
import { launch, missingApp, type RunningApp } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { SAID_ID, say, takePort } from './port.ts';

describe.skipIf(missingApp !== undefined)(`the port to the station ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;

  beforeAll(async () => {
    bench = openBench();
    running = await launch(bench);
    await running.page.getByLabel('Station name').waitFor();
    await takePort(running.page);
  });
  afterAll(async () => {
    await running?.close();
    await bench?.close();
  });

  const call = (method: string, input: unknown, version: number = CONTRACT_VERSION) =>
    say(running.page, JSON.stringify({ version, kind: 'call', id: SAID_ID, method, input }));

  it.each([
    ['something that is no text', { version: CONTRACT_VERSION }, 'not-text'],
    ['text that is no JSON', 'open sesame', 'not-json'],
    ['an array', '[]', 'malformed'],
    ['a kind that there is not', JSON.stringify({ version: CONTRACT_VERSION, kind: 'run' }), 'malformed'],
  ])('refuses %s', async (_, data, reason) => {
    expect(JSON.parse(await say(running.page, data))).toMatchObject({ kind: 'refused', reason });
  });

  it('refuses a message that is too large unread', async () => {
    const answer = await say(running.page, 'x'.repeat(MESSAGE_MAX_LENGTH + 1));
    expect(JSON.parse(answer)).toMatchObject({ kind: 'refused', reason: 'too-large' });
  });

  it('refuses another version, an unknown method, an extra field, and what needs a supervisor', async () => {
    const failureOf = async (answer: Promise<string>) =>
      (JSON.parse(await answer) as { failure?: { code: string } }).failure?.code;
    expect(await failureOf(call('session.get', {}, CONTRACT_VERSION + 1))).toBe('message_refused');
    expect(await failureOf(call('shell.run', { command: 'id' }))).toBe('message_refused');
    expect(await failureOf(call('__proto__', {}))).toBe('message_refused');
    expect(await failureOf(call('session.get', { also: 1 }))).toBe('message_refused');
    expect(await failureOf(call('operators.list', {}))).toBe('signed_out');
  });

  it('is given to no other page, though it asks for it by the same preload', async () => {
    const { app, page } = running;
    const [stranger] = await Promise.all([
      app.waitForEvent('window'),
      app.evaluate(async ({ app: main, BrowserWindow }) => {
        const preload = `${main.getAppPath()}/dist/electron/preload.cjs`;
        await new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        }).loadURL('keyline://app/index.html');
      }),
    ]);
    await stranger.evaluate(() => {
      const own = globalThis as unknown as { ports: number; keyline: { connect(): void } };
      own.ports = 0;
      window.addEventListener('message', () => {
        own.ports += 1;
      });
      own.keyline.connect();
    });
    // Main answers in turn: ours is here when the stranger's would be.
    await takePort(page);
    expect(await stranger.evaluate(() => (globalThis as unknown as { ports: number }).ports)).toBe(0);
    expect(await stranger.locator('[data-connecting]').count()).toBe(1);
    await stranger.close();
  });

  it('has written down every refusal, and still answers what is asked properly', async () => {
    expect(JSON.parse(await call('session.get', {}))).toMatchObject({
      kind: 'answer',
      output: { stage: 'no-station' },
    });
    const log = running.output.join('');
    for (const reason of ['not-text', 'not-json', 'too-large', 'wrong-version'])
      expect(log).toContain(reason);
    expect(log).toContain('shell.run');
  });
});
