// A state of the window that is worth looking at: what to open, and what to do before it is looked at.

import type { Page } from 'playwright-core';
import type { FakeHandle } from '../../../../renderer/fake/fakeMain.tsx';

declare global {
  interface Window {
    fake: FakeHandle;
  }
}

export interface Scene {
  readonly name: string;
  readonly query: string;
  readonly prepare?: (page: Page) => Promise<void>;
  /** The window hears nothing any more, not even another language. */
  readonly deaf?: boolean;
}

export const screen = (name: string) => async (page: Page) => {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
};

/** Opens a dialog by the button of that name and waits for it. */
export const dialog = async (page: Page, opener: string): Promise<void> => {
  await page.getByRole('button', { name: opener, exact: true }).first().click();
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).first().waitFor();
};

/** Every later answer is a failure. */
export const broken = (page: Page): Promise<void> =>
  page.evaluate(() =>
    window.fake.station.breakWith(
      new window.fake.StationError('inventory_invalid', { reason: 'page 812 is torn' }),
    ),
  );
