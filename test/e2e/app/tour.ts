// Every screen, tab and dialog of the window at work, each looked at in turn. Screens and tabs are found in the window
// itself, so that a new one is looked at without being named here.

import type { Page } from 'playwright-core';
import { settled as still } from '../renderer/axe.ts';
import { goTo, signIn, unlock } from './journey.ts';

export const THEMES = ['light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];
const THEME_WORDS: Readonly<Record<Theme, string>> = {
  light: 'Light',
  dark: 'Dark',
  contrast: 'High contrast',
};

export type Look = (name: string) => Promise<void>;

const screenNames = (page: Page): Promise<string[]> =>
  page.locator('nav.rail .rail-spring').evaluate((spring) => {
    const buttons = [...(spring.parentElement?.querySelectorAll('button') ?? [])];
    return buttons
      .filter((button) => (spring.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_PRECEDING) !== 0)
      .map((button) => button.textContent ?? '');
  });

/** A screen asks the station when it is opened, and says nothing of what it waits for. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(150);
  await still(page);
}

const named = (words: string): string => words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

export async function chooseTheme(page: Page, theme: Theme): Promise<void> {
  await goTo(page, 'Settings');
  await page.getByRole('tab', { name: 'This window' }).click();
  await page.getByText(THEME_WORDS[theme], { exact: true }).click();
  await page.locator(`html[data-theme="${theme}"]`).waitFor();
}

async function dialog(page: Page, open: string, name: string, look: Look): Promise<void> {
  const opener = page.getByRole('button', { name: open, exact: true }).first();
  await opener.click();
  const shown = page.getByRole('dialog').or(page.getByRole('alertdialog')).first();
  await shown.waitFor();
  await settled(page);
  await look(name);
  await page.keyboard.press('Escape');
  await shown.waitFor({ state: 'detached' });
}

async function tabs(page: Page, screen: string, look: Look): Promise<boolean> {
  const names = await page.getByRole('tab').allInnerTexts();
  for (const name of names) {
    await page.getByRole('tab', { name, exact: true }).click();
    await page.getByRole('tabpanel').first().waitFor();
    await settled(page);
    await look(`${screen}-${named(name)}`);
  }
  return names.length > 0;
}

/** The window of a supervisor who is signed in, with `deviceSerial` on record. Ends signed in and unlocked, as it began. */
export async function tour(page: Page, deviceSerial: string, pin: string, look: Look): Promise<void> {
  for (const screen of await screenNames(page)) {
    await goTo(page, screen);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await settled(page);
    if (!(await tabs(page, named(screen), look))) await look(named(screen));
  }
  await goTo(page, 'Orders');
  await dialog(page, 'New order', 'orders-new', look);
  await goTo(page, 'Inventory');
  await dialog(page, 'Export', 'inventory-export', look);
  await page.getByRole('searchbox').fill('no such device');
  await page.getByText('No device fits').waitFor();
  await look('inventory-no-match');
  await page.getByRole('searchbox').fill(deviceSerial);
  await page.getByText('1 device', { exact: true }).waitFor();
  await page.getByRole('grid').getByText(deviceSerial).click();
  await page.getByText('SHA-256 fingerprint').first().waitFor();
  await settled(page);
  await look('device');
  await dialog(page, 'Revoke', 'device-revoke', look);
  await dialog(page, 'Transcript', 'device-transcript', look);
  await dialog(page, 'Shortcuts', 'shortcuts', look);

  await goTo(page, 'Authority');
  await page.getByRole('button', { name: 'Lock now' }).click();
  await page.getByRole('button', { name: 'Locked' }).waitFor();
  await goTo(page, 'Provision');
  await settled(page);
  await look('provision-locked');
  await dialog(page, 'Locked', 'unlock', look);
  await unlock(page);
  await goTo(page, 'Sign out');
  await page.getByText('Choose your name').waitFor();
  await settled(page);
  await look('sign-in');
  await signIn(page, pin);
  await page.getByRole('navigation').waitFor();
}
