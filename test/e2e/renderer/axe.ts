// What axe has against a page as it stands.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** One line for each violation: of every rule, or of these alone. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // In Electron no second page can be opened, which axe's usual mode wants.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations: found } = await (rules === undefined
    ? axe.withTags(TAGS)
    : axe.withRules([...rules])
  ).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** Nothing is judged while answers are awaited or something fades in. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    // What goes round and round is as good as still.
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.all(ending.map((animation) => animation.finished.catch(() => {})));
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  });
  await page.getByText(/^(Loading|Wird geladen)…$/).waitFor({ state: 'detached' });
}
