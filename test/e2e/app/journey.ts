// What a technician does, as clicks and keys; the same in the app and in a browser.

import type { Locator, Page } from 'playwright-core';

export const PASSPHRASE = 'four unrelated words here';
export const SUPERVISOR = { name: 'Ada Lind', pin: '4711' };
export const OPERATOR = { name: 'Bruno Kask', pin: '2580' };

/** The welcome step by step: each is filled in, `filled` is told, and the next begins. Ends on the recovery sheet. */
export async function welcome(
  page: Page,
  filled: (step: string) => Promise<void> = async () => {},
): Promise<void> {
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByLabel('Station name').fill('Bench 3');
  await page.getByLabel('Site').fill('Plant North');
  await page.getByLabel('First supervisor').fill(SUPERVISOR.name);
  await page.getByLabel('PIN', { exact: true }).fill(SUPERVISOR.pin);
  await page.getByLabel('Repeat the PIN').fill(SUPERVISOR.pin);
  await filled('name');
  await next.click();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Repeat the passphrase').fill(PASSPHRASE);
  await filled('authority');
  await next.click();
  const create = page.getByRole('button', { name: 'Create the station' });
  await create.waitFor();
  await filled('work');
  await create.click();
  await page.getByRole('button', { name: 'Save the sheet' }).waitFor({ timeout: 60_000 });
  await filled('sheet');
}

export async function firstStart(page: Page): Promise<void> {
  await welcome(page);
  if ((await page.content()).includes(PASSPHRASE)) throw new Error('the passphrase stands on the sheet');
  await page.getByRole('button', { name: 'Save the sheet' }).click();
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

export async function signIn(page: Page, pin: string, name = SUPERVISOR.name): Promise<void> {
  await page.getByRole('button', { name }).click();
  for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function unlock(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Locked' }).click();
  await page.getByRole('dialog').getByLabel('Passphrase').fill(PASSPHRASE);
  await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export const goTo = (page: Page, screen: string): Promise<void> =>
  page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click();

/** An order of these serials, made from a file as the shop floor gets it, and chosen. */
export async function orderOf(page: Page, name: string, deviceSerials: readonly string[]): Promise<void> {
  await goTo(page, 'Orders');
  await page.getByRole('button', { name: 'New order' }).click();
  await page.getByRole('textbox', { name: 'Order' }).fill(name);
  await page.getByText('Serials from a file').click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a CSV file' }).click();
  const text = ['serial', ...deviceSerials].join('\r\n');
  await (await chooser).setFiles({ name: 'serials.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByText(/serials? (is|are) in order/).waitFor();
  await page.getByRole('button', { name: 'Create order' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** A port that is back sooner is the same device after a restart, not the next one. */
export const REPLUG_MS = 2_000;
