// The house: first start, sign in, settings.

import type { Page } from 'playwright-core';
import { dialog, type Scene, screen } from './scene.ts';

const tab = (name: string) => async (page: Page) => {
  await screen('Settings')(page);
  await page.getByRole('tab', { name }).click();
};

const fillWelcome = async (page: Page, steps: number): Promise<void> => {
  await page.getByLabel('Station name').fill('Bench 3');
  await page.getByLabel('Site').fill('Plant North');
  await page.getByLabel('First supervisor').fill('Ada Lind');
  await page.getByLabel('PIN', { exact: false }).first().fill('246810');
  await page.getByLabel('Repeat the PIN').fill('246810');
  if (steps < 2) return;
  await page.getByRole('button', { name: 'Next' }).click();
  if (steps === 2) return;
  await page.getByLabel('Passphrase', { exact: false }).first().fill('copper lantern orbit velvet');
  await page.getByLabel('Repeat the passphrase').fill('copper lantern orbit velvet');
  await page.getByRole('button', { name: 'Next' }).click();
  if (steps === 3) return;
  await page.getByRole('button', { name: 'Create the station' }).click();
  await page.getByRole('button', { name: 'Print the sheet' }).waitFor();
};

/** To the second step, with an existing CA's file that needs a password. */
const bringAuthority = async (page: Page, filesPassphrase: string): Promise<void> => {
  await fillWelcome(page, 2);
  await page.getByText('Import an existing authority').click();
  await page.locator('input[type=file]').setInputFiles({
    name: 'plant-north-issuing-ca-2026.p12',
    mimeType: 'application/x-pkcs12',
    buffer: Buffer.from('a CA'),
  });
  await page.getByLabel('Password of the files').fill(filesPassphrase);
  await page.getByLabel('New passphrase for this station').fill('copper lantern orbit velvet');
  await page.getByLabel('Repeat the passphrase').fill('copper lantern orbit velvet');
};

export const HOUSE_SCENES: readonly Scene[] = [
  { name: 'welcome-1-name', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 1) },
  { name: 'welcome-2-authority', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 2) },
  { name: 'welcome-3-work', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 3) },
  { name: 'welcome-4-sheet', query: 'stage=no-station&speed=50', prepare: (page) => fillWelcome(page, 4) },
  {
    name: 'welcome-restore',
    query: 'stage=no-station',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Restore a station from a backup' }).click();
      await page.locator('input[type=file]').setInputFiles({
        name: 'keyline-backup.tar',
        mimeType: 'application/x-tar',
        buffer: Buffer.from('keyline-backup'),
      });
      await page.getByText('The backup is whole').waitFor();
    },
  },
  {
    name: 'sign-in',
    query: 'stage=signed-out',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Bruno Kask' }).click();
      await page.keyboard.type('12', { delay: 90 });
    },
  },
  { name: 'settings-look', query: '', prepare: screen('Settings') },
  { name: 'settings-bays', query: '', prepare: tab('Bays') },
  { name: 'settings-targets', query: '', prepare: tab('Targets') },
  {
    name: 'settings-targets-mistakes',
    query: '',
    prepare: async (page) => {
      await tab('Targets')(page);
      await page.getByRole('button', { name: 'Add a target file' }).click();
      await page.locator('input[type=file]').setInputFiles({
        name: 'our-board.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{ no'),
      });
      await page.getByText('options.securityTag').waitFor();
    },
  },
  {
    name: 'settings-targets-tried',
    query: 'speed=20',
    prepare: async (page) => {
      await tab('Targets')(page);
      await page.getByRole('button', { name: /^Try Nordic nRF7002/ }).click();
      await page.getByRole('button', { name: 'Ask the device' }).click();
      await page.getByText('It answers').waitFor();
    },
  },
  { name: 'settings-operators', query: '', prepare: tab('Operators') },
  { name: 'settings-backup', query: '', prepare: tab('Backup') },
  { name: 'settings-about', query: '', prepare: tab('Station') },
  {
    name: 'welcome-import',
    query: 'stage=no-station',
    prepare: (page) => bringAuthority(page, 'a password'),
  },
  {
    name: 'welcome-import-refused',
    query: 'stage=no-station',
    prepare: async (page) => {
      await bringAuthority(page, 'wrong');
      await page.getByRole('button', { name: 'Next' }).click();
      await page.locator('.field-error').filter({ visible: true }).first().waitFor();
    },
  },
  {
    name: 'welcome-restore-refused',
    query: 'stage=no-station',
    prepare: async (page) => {
      await dialog(page, 'Restore a station from a backup');
      await page.locator('input[type=file]').setInputFiles({
        name: 'holiday.tar',
        mimeType: 'application/x-tar',
        buffer: Buffer.from('not a backup'),
      });
      await page.getByRole('dialog').getByRole('alert').waitFor();
    },
  },
  {
    name: 'sign-in-refused',
    query: 'stage=signed-out&speed=50&long',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Bruno Kask' }).click();
      for (const digit of '9999') await page.getByRole('button', { name: digit, exact: true }).click();
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'settings-targets-silent',
    query: 'speed=20',
    prepare: async (page) => {
      await tab('Targets')(page);
      await page.getByRole('button', { name: /^Try Nordic nRF7002/ }).click();
      await page.evaluate(() =>
        window.fake.station.breakWith(new window.fake.StationError('device_silent', { timeoutMs: 3_000 })),
      );
      await page.getByRole('button', { name: 'Ask the device' }).click();
      await page.getByRole('dialog').getByRole('alert').waitFor();
    },
  },
  {
    name: 'operator-new',
    query: '',
    prepare: async (page) => {
      await tab('Operators')(page);
      await dialog(page, 'Add an operator');
    },
  },
  {
    name: 'operator-change',
    query: 'long',
    prepare: async (page) => {
      await tab('Operators')(page);
      await page
        .getByRole('button', { name: /^Change/ })
        .first()
        .click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'backup-restore',
    query: '',
    prepare: async (page) => {
      await tab('Backup')(page);
      await page
        .getByRole('button', { name: /^Restore/ })
        .first()
        .click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'recovery-sheet',
    query: 'long',
    prepare: async (page) => {
      await tab('Station')(page);
      await page.getByRole('button', { name: 'Show the recovery sheet' }).click();
      await page.getByRole('article').waitFor();
    },
  },
  { name: 'settings-operator', query: 'role=operator', prepare: screen('Settings') },
];
