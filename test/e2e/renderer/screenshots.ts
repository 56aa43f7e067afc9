// Takes a picture of every scene in every look: `node screenshots.ts <folder> [name-part …]`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dress, looksOf, openScene } from './looks.ts';
import { openSite } from './page.ts';
import { SCENES } from './scenes/index.ts';

const [folder = 'out/pictures', ...parts] = process.argv.slice(2);

await mkdir(folder, { recursive: true });
const site = await openSite();
try {
  for (const scene of SCENES) {
    if (parts.length > 0 && !parts.some((part) => scene.name.includes(part))) continue;
    try {
      const { page, complaints } = await openScene(site, scene);
      for (const look of looksOf(scene)) {
        await dress(page, look, scene);
        await page.screenshot({
          path: join(folder, `${scene.name}-${look.name}.png`),
          animations: 'disabled',
        });
      }
      console.log([scene.name, ...complaints].join('\n    '));
      await page.context().close();
    } catch (error) {
      console.log(`${scene.name}\n    ${String(error).slice(0, 600)}`);
    }
  }
} finally {
  await site.close();
}
