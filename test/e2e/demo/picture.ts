// npm run pictures:demo: runs the demo on a terminal of 118 columns and keeps what it shows as docs/pictures/demo.png.

import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { chromium } from 'playwright-core';
import { screenLines, terminalPage } from './terminalPage.ts';

const COLUMNS = 118;
const root = join(import.meta.dirname, '../../..');
const picture = join(root, 'docs', 'pictures', 'demo.png');
const browserPath = process.env.KEYLINE_CHROMIUM ?? '/usr/bin/chromium';

const output = await new Promise<string>((resolve, reject) => {
  let text = '';
  const { NO_COLOR: _, CI: __, ...env } = process.env;
  const terminal = spawn(process.execPath, [join(root, 'cli/demo/main.ts')], {
    cols: COLUMNS,
    rows: 100,
    env: { ...env, TERM: 'xterm-256color' },
  });
  terminal.onData((chunk) => {
    text += chunk;
  });
  terminal.onExit(({ exitCode }) =>
    exitCode === 0 ? resolve(text) : reject(new Error(`the demo ended with status ${exitCode}:\n${text}`)),
  );
});

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1600 } });
  await page.setContent(terminalPage(screenLines(output)));
  await page.locator('body').screenshot({ path: picture });
} finally {
  await browser.close();
}
console.log(picture);
