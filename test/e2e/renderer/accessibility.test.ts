import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSite, type Site } from './page.ts';
import { MORE_SCENES, SCENES } from './scenes.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const cases = [
  ...(['light', 'dark', 'contrast'] as const).flatMap((theme) =>
    SCENES.map((scene) => ({ ...scene, theme })),
  ),
  ...MORE_SCENES.map((scene) => ({ ...scene, theme: 'light' as const })),
];

describe('axe finds nothing wrong', () => {
  it.each(cases)('with $name in $theme', async ({ query, prepare, theme }) => {
    const { page, complaints } = await site.open(`${query}&theme=${theme}`);
    try {
      await prepare?.(page);
      // Nothing is judged while it moves or fades.
      await page
        .addStyleTag({ content: '*{transition:none!important;animation:none!important}' })
        .catch(() => {});
      await page.waitForTimeout(200);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
      );
      expect(found).toEqual([]);
      expect(complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
    } finally {
      await page.context().close();
    }
  });
});
