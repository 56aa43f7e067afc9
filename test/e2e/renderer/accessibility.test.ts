// Every screen and dialog in every state: axe finds nothing in any theme or language, and no text is cut off.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { dress, looksOf, openScene, spilled } from './looks.ts';
import { openSite, type Site } from './page.ts';
import { SCENES } from './scenes/index.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

describe.concurrent('there is nothing wrong', () => {
  it.each(SCENES)('with $name', async (scene) => {
    const { page, complaints } = await openScene(site, scene);
    const found: string[] = [];
    try {
      for (const look of looksOf(scene)) {
        await dress(page, look, scene);
        // A theme changes colours and nothing else.
        const rules = look.theme === 'light' ? undefined : ['color-contrast'];
        found.push(...(await violations(page, rules)).map((line) => `${look.name}: ${line}`));
        if (look.theme === 'light')
          found.push(...(await spilled(page)).map((line) => `${look.name}: ${line}`));
      }
    } finally {
      await page.context().close();
    }
    expect(found).toEqual([]);
    // axe itself adds styles, which the page's policy forbids.
    expect(complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
  });
});
