// Takes a picture of every scene in every theme: `node screenshots.ts <folder> [name-part …]`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSite } from './page.ts';
import { MORE_SCENES, SCENES, type Scene } from './scenes.ts';

const [folder = 'out/pictures', ...parts] = process.argv.slice(2);
const THEMES = ['light', 'dark', 'contrast'] as const;

await mkdir(folder, { recursive: true });
const site = await openSite();

async function take(scene: Scene, theme: string, language = 'en'): Promise<void> {
  const name = `${scene.name}-${theme}${language === 'en' ? '' : `-${language}`}`;
  if (parts.length > 0 && !parts.some((part) => name.includes(part))) return;
  const { page, complaints } = await site.open(`${scene.query}&theme=${theme}&language=${language}`);
  try {
    await scene.prepare?.(page);
    await page.mouse.move(0, 0);
    await page.waitForTimeout(100);
  } catch (error) {
    complaints.push(String(error).slice(0, 400));
  }
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  console.log(`${name}${complaints.length === 0 ? '' : `\n    ${complaints.join('\n    ')}`}`);
  await page.context().close();
}

try {
  for (const theme of THEMES) for (const scene of SCENES) await take(scene, theme);
  for (const scene of MORE_SCENES) await take(scene, 'light');
} finally {
  await site.close();
}
