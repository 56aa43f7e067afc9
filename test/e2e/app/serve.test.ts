// The same first journey in Chromium, through keyline serve.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../renderer/axe.ts';
import { root } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { bay, firstStart, SUPERVISOR, scanFor, verdict } from './journey.ts';
import { tour } from './tour.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const built = existsSync(join(root, 'dist', 'renderer', 'index.html'));
const missing = !existsSync(executablePath)
  ? 'no Chromium here'
  : built
    ? undefined
    : 'npm run build comes first';

describe.skipIf(missing !== undefined)(`the window through keyline serve ${missing ?? ''}`, () => {
  let bench: Bench;
  let server: ChildProcess;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    bench = openBench();
    server = spawn(
      process.execPath,
      [join(root, 'cli', 'main.js'), '--data', bench.dataRoot, '--json', 'serve'],
      {
        env: { ...process.env, KEYLINE_PORT_LINKS: bench.links },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    url = await new Promise((resolve, reject) => {
      server.once('exit', () => reject(new Error('keyline serve ended')));
      server.stdout?.on('data', (piece) => {
        const found = /http:\/\/127\.0\.0\.1:\d+\/#token=[A-Za-z0-9_-]+/.exec(String(piece))?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    if (server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
    }
    await bench.close();
  });

  it('goes from first start to a verified device, and nothing breaks the page’s policy', async () => {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    const broken: string[] = [];
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) broken.push(message.text());
    });
    await page.goto(url);
    await firstStart(page);
    expect(page.url()).not.toContain('token');
    await bench.plug('A1');
    await scanFor(page, 'A1', 'WEB-0001');
    await verdict(page, 'A1', 'pass').waitFor({ timeout: 60_000 });
    expect(await bay(page, 'A1').innerText()).toContain('TLSv1.3');
    await page.reload();
    await bay(page, 'A1').waitFor({ timeout: 20_000 });
    expect(broken).toEqual([]);

    const second = await browser.newPage();
    await second.goto(url);
    await second.getByText('This window could not connect to a station.').waitFor({ timeout: 20_000 });
    await second.close();

    // Every screen that the packaged app has, here too, and as accessible.
    const found: string[] = [];
    await tour(page, 'WEB-0001', SUPERVISOR.pin, async (name) => {
      for (const violation of await violations(page)) found.push(`${name}: ${violation}`);
    });
    expect(found).toEqual([]);
    await page.close();
  });
});
