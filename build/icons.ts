// Draws the app's icon in every size and form that packages want, from resources/icons/app.svg: PNG for Linux, ICO for
// Windows, ICNS for macOS. Run it when the drawing changes.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { icnsOf, icoOf } from './iconFiles.ts';

const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
const root = join(import.meta.dirname, '..');
const folder = join(root, 'build', 'icons');
const drawing = readFileSync(join(root, 'resources', 'icons', 'app.svg'), 'utf8');

mkdirSync(folder, { recursive: true });
const pictures = new Map<number, Uint8Array>();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(
      `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`,
    );
    const picture = await page.screenshot({ omitBackground: true });
    pictures.set(size, picture);
    writeFileSync(join(folder, `${size}x${size}.png`), picture);
    await page.close();
  }
} finally {
  await browser.close();
}
writeFileSync(join(root, 'build', 'icon.ico'), icoOf(pictures));
writeFileSync(join(root, 'build', 'icon.icns'), icnsOf(pictures));
