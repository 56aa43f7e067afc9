// A scene as it is looked at: opened, prepared, and then in every theme and in the other language without being made anew.

import type { Page } from 'playwright-core';
import { settled } from './axe.ts';
import type { Site } from './page.ts';
import type { Scene } from './scenes/scene.ts';

export interface Look {
  readonly name: string;
  readonly theme: 'light' | 'dark' | 'contrast';
  readonly language: 'en' | 'de';
}

/** German is the longer of the two languages: what fits in it fits. */
export const LOOKS: readonly Look[] = [
  { name: 'light', theme: 'light', language: 'en' },
  { name: 'dark', theme: 'dark', language: 'en' },
  { name: 'contrast', theme: 'contrast', language: 'en' },
  { name: 'german', theme: 'light', language: 'de' },
];

export const looksOf = ({ deaf }: Scene): readonly Look[] =>
  deaf === true ? LOOKS.filter(({ language }) => language === 'en') : LOOKS;

/** Opens it in light and English and prepares it. */
export async function openScene(
  site: Site,
  { query, prepare }: Scene,
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await site.open(`${query}&theme=light&language=en`);
  try {
    await prepare?.(opened.page);
    await opened.page.mouse.move(0, 0);
  } catch (error) {
    await opened.page.context().close();
    throw error;
  }
  return opened;
}

/** As the settings do it; a window that hears nothing is painted over. */
export async function dress(page: Page, { theme, language }: Look, { deaf }: Scene): Promise<void> {
  await page.evaluate(
    async ([wantedTheme, wantedLanguage, paint]) => {
      if (paint) document.documentElement.dataset.theme = wantedTheme;
      else
        await window.fake.station.service.methods['settings.save'](
          { theme: wantedTheme, language: wantedLanguage, soundEnabled: false, soundVolume: 0.5 },
          { signal: new AbortController().signal },
        );
    },
    [theme, language, deaf === true] as const,
  );
  await page.locator(`html[data-theme="${theme}"][lang="${language}"]`).waitFor();
  await settled(page);
}

/** Text that is cut off without a sign of it, or that stands outside its box; and a page that has to be pushed aside. */
export const spilled = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const BOXES =
      'button, a, label, .tag, .panel, .dialog, .bay, .note, td, th, main, nav, header, footer, section, article';
    const found = new Set<string>();
    const root = document.scrollingElement ?? document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) found.add(`the page is ${root.scrollWidth} px wide`);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = (node.textContent ?? '').trim();
      if (
        parent === null ||
        text === '' ||
        parent.closest('.unseen, [hidden], svg, [data-live-announcer]') !== null
      )
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const rect = range.getBoundingClientRect();
      if (rect.width < 2 || rect.height < 2) continue;
      for (let box: Element | null = parent; box !== null; box = box.parentElement) {
        const style = getComputedStyle(box);
        const view = box.getBoundingClientRect();
        const isOver = rect.right > view.right + 1.5 || rect.left < view.left - 1.5;
        if (style.overflowX !== 'visible') {
          // It says so with dots, or it can be pushed.
          const isSaid = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
          if (isOver && style.overflowX !== 'auto' && style.overflowX !== 'scroll' && !isSaid)
            found.add(`cut off: ${text.slice(0, 60)}`);
          break;
        }
        if (isOver && box.matches(BOXES)) {
          found.add(`spills out of ${box.tagName.toLowerCase()}.${box.className}: ${text.slice(0, 60)}`);
          break;
        }
      }
    }
    return [...found];
  });
