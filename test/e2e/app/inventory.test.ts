// An inventory of 100,000 devices in the packaged app: scrolled from end to end, searched, filtered, opened.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, missingApp, type RunningApp } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { fillInventory, foundStation } from './founded.ts';
import { goTo, SUPERVISOR, signIn } from './journey.ts';

const DEVICES = 100_000;
/** Rows in the page at once, however long the list. */
const ROWS_MAX = 60;

describe.skipIf(missingApp !== undefined)(`100,000 devices in the packaged app ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;

  beforeAll(async () => {
    bench = openBench();
    await foundStation(bench.dataRoot);
    fillInventory(bench.dataRoot, DEVICES);
    running = await launch(bench);
    await signIn(running.page, SUPERVISOR.pin);
    await goTo(running.page, 'Inventory');
  });
  afterAll(async () => {
    await running?.close();
    await bench?.close();
  });

  const grid = () => running.page.getByRole('grid', { name: 'Devices' });
  const serial = (number: number): string => `FILL-${String(number).padStart(7, '0')}`;

  it('scrolls from the first to the last row, with only those in sight in the page', async () => {
    const { page } = running;
    await page.getByText('100,000 devices').waitFor();
    expect(await grid().getAttribute('aria-rowcount')).toBe(String(DEVICES + 1));
    for (let part = 0; part <= 10; part++) {
      await grid().evaluate((element, share) => {
        element.scrollTo({ top: (element.scrollHeight - element.clientHeight) * share });
      }, part / 10);
      // The row in the middle of the view comes with its content, not as a place-holder.
      await page.waitForFunction(() => {
        const view = document.querySelector('[role="grid"]')?.getBoundingClientRect();
        if (view === undefined) return false;
        const middle = document.elementFromPoint(view.left + 40, view.top + view.height / 2);
        return /FILL-\d{7}/.test(middle?.closest('[role="row"]')?.textContent ?? '');
      });
      expect(await grid().getByRole('row').count()).toBeLessThan(ROWS_MAX);
    }
    await grid().getByText(serial(1), { exact: true }).waitFor();
  });

  it('finds one of them by a part of its serial, and opens it', async () => {
    const { page } = running;
    await page.getByRole('searchbox').fill('0054321');
    await page.getByText('1 device', { exact: true }).waitFor();
    await grid().getByText(serial(54_321)).click();
    await page.getByRole('heading', { name: serial(54_321) }).waitFor();
    await page.getByText('SHA-256 fingerprint').first().waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('0054321');
  });

  it('narrows by what is typed, and says so when nothing fits', async () => {
    const { page } = running;
    await page.getByRole('searchbox').fill('FILL-00001');
    await page.getByText('100 devices', { exact: true }).waitFor();
    await page.getByRole('searchbox').fill('FILL-9');
    await page.getByText('No device fits').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('100,000 devices').waitFor();
    // Those of a batch are found under its order.
    await page.getByRole('button', { name: /Any order/ }).click();
    await page.getByRole('option', { name: 'WO-FILL' }).click();
    await page.getByRole('searchbox').fill('FILL-00002');
    await page.getByText('100 devices', { exact: true }).waitFor();
    await grid().getByText('WO-FILL').first().waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('100,000 devices').waitFor();
  });

  it('gives the window every device of the list back as a file', async () => {
    const { page } = running;
    await page.getByRole('searchbox').fill('FILL-00001');
    await page.getByText('100 devices', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('100 devices written').waitFor();
  });
});
