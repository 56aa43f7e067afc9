// Every screen of the packaged app in every theme: a picture of each, and axe finds nothing wrong with any.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../renderer/axe.ts';
import { launch, missingApp, type RunningApp, root } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { foundStation } from './founded.ts';
import { bayIn, goTo, orderOf, SUPERVISOR, scanFor, signIn, unlock, verdict, welcome } from './journey.ts';
import { chooseTheme, THEMES, type Theme, tour } from './tour.ts';

const pictures = join(root, 'dist', 'pictures', 'app');
mkdirSync(pictures, { recursive: true });

describe.skipIf(missingApp !== undefined)(`every screen of the packaged app ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;
  const found: string[] = [];

  async function look(name: string, theme: Theme): Promise<void> {
    const { page } = running;
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`), animations: 'disabled' });
    // A theme changes colours and nothing else.
    const rules = theme === 'light' ? undefined : ['color-contrast'];
    for (const violation of await violations(page, rules)) found.push(`${name} in ${theme}: ${violation}`);
  }

  it.each(THEMES)('at the first start in %s', async (theme) => {
    found.length = 0;
    bench = openBench();
    try {
      const settings = { theme, language: 'en', soundEnabled: false, soundVolume: 0.5 };
      writeFileSync(join(bench.dataRoot, 'settings.json'), JSON.stringify(settings));
      running = await launch(bench);
      await running.page.locator(`html[data-theme="${theme}"]`).waitFor();
      await welcome(running.page, (step) => look(`welcome-${step}`, theme));
      expect(found).toEqual([]);
    } finally {
      await running?.close();
      await bench.close();
    }
  });

  describe('at work', () => {
    beforeAll(async () => {
      bench = openBench();
      await foundStation(bench.dataRoot);
      running = await launch(bench);
      const { page } = running;
      await signIn(page, SUPERVISOR.pin);
      await unlock(page);
      await orderOf(page, 'WO-2026-0048', ['KL7-2700312', 'KL7-2700313', 'KL7-2700314']);
      await goTo(page, 'Provision');
      await bench.plug('A1', { lineRate: 'instant' });
      await bench.plug('A2', { lineRate: 'instant', faults: { silent: true } });
      await bench.plug('A3', { lineRate: 'instant' });
      await scanFor(page, 'A1', 'KL7-2700312');
      await scanFor(page, 'A2', 'KL7-2700313');
      await verdict(page, 'A1', 'pass').waitFor({ timeout: 60_000 });
      await bayIn(page, 'A2', 'done').waitFor({ timeout: 60_000 });
    });
    afterAll(async () => {
      await running?.close();
      await bench?.close();
    });

    it.each(THEMES)('in %s', async (theme) => {
      found.length = 0;
      await chooseTheme(running.page, theme);
      await tour(running.page, 'KL7-2700312', SUPERVISOR.pin, (name) => look(name, theme));
      expect(found).toEqual([]);
    });
  });
});
