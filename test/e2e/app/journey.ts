// What a technician does, as clicks and keys; the same in the app and in a browser.

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const PASSPHRASE = 'four unrelated words here';
export const SUPERVISOR = { name: 'Ada Lind', pin: '4711' };

export async function firstStart(page: Page): Promise<void> {
  await page.getByLabel('Station name').fill('Bench 3');
  await page.getByLabel('Site').fill('Plant North');
  await page.getByLabel('First supervisor').fill(SUPERVISOR.name);
  await page.getByLabel('PIN', { exact: true }).fill(SUPERVISOR.pin);
  await page.getByLabel('Repeat the PIN').fill(SUPERVISOR.pin);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Repeat the passphrase').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Create the station' }).click();
  const save = page.getByRole('button', { name: 'Save the sheet' });
  await save.waitFor({ timeout: 60_000 });
  expect(await page.content()).not.toContain(PASSPHRASE);
  await save.click();
  await page.getByRole('button', { name: 'Start working' }).click();
  await bay(page, 'A1').waitFor();
}

export const bay = (page: Page, bayName: string): Locator =>
  page.locator(`section.bay[aria-label="Bay ${bayName}"]`);

export const bayIn = (page: Page, bayName: string, state: string): Locator =>
  page.locator(`section.bay[aria-label="Bay ${bayName}"][data-state="${state}"]`);

export const verdict = (page: Page, bayName: string, outcome: string): Locator =>
  page.locator(`section.bay[aria-label="Bay ${bayName}"][data-outcome="${outcome}"]`);

/** Scans a serial for a bay, as a scanner does: characters, then Enter. */
export async function scanFor(page: Page, bayName: string, deviceSerial: string): Promise<void> {
  await bayIn(page, bayName, 'ready').waitFor({ timeout: 20_000 });
  await page.getByRole('button', { name: `Use bay ${bayName} for the next scan` }).click();
  const field = page.getByRole('textbox', { name: 'Device serial' });
  await field.fill(deviceSerial);
  await field.press('Enter');
}

export async function signIn(page: Page, pin: string): Promise<void> {
  await page.getByRole('button', { name: SUPERVISOR.name }).waitFor();
  for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
