// Work orders and what is made of one.

import type { Page } from 'playwright-core';
import { dialog, type Scene, screen } from './scene.ts';

const CSV_WITH_FAULTS =
  'serial;box\nKL7-2700001;1\nKL7-2700002;1\n\nKL7-2700002;2\nkl7-2700001;2\nKL7 2700005;3\n';

const newOrder = async (page: Page): Promise<void> => {
  await screen('Orders')(page);
  await page.getByRole('button', { name: 'New order' }).click();
  await page.getByRole('dialog').getByRole('textbox').first().fill('WO-2026-0049');
  await page.getByText('Serials from a file').click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a CSV file' }).click();
  await (await chooser).setFiles({
    name: 'serials.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(CSV_WITH_FAULTS),
  });
  await page.getByText('rows are wrong').waitFor();
};

const newFilesOrder = async (page: Page): Promise<void> => {
  await screen('Orders')(page);
  await dialog(page, 'New order');
  await page.getByRole('textbox', { name: 'Order' }).fill('WO-2026-0051 spare parts');
  await page.getByRole('button', { name: /Target/ }).click();
  await page.getByRole('option', { name: 'Files in a folder for each device' }).click();
  await page.getByRole('textbox', { name: 'Quantity' }).fill('40');
};
const filesOrder = async (page: Page): Promise<void> => {
  await newFilesOrder(page);
  await page.getByRole('button', { name: 'Create order' }).click();
  await page.getByRole('button', { name: 'Issue to a folder' }).click();
  await page.getByLabel('Passphrase of the PKCS#12 files').fill('copper lantern orbit');
  await page.getByLabel('Repeat the passphrase').fill('copper lantern orbit');
};

export const ORDER_SCENES: readonly Scene[] = [
  { name: 'orders', query: '', prepare: screen('Orders') },
  { name: 'orders-new', query: '', prepare: newOrder },
  {
    name: 'orders-new-seal',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'New order' }).click();
      await page.getByLabel('Order', { exact: true }).fill('WO-2026-0050');
      await page.getByRole('button', { name: /Target/ }).click();
      await page.getByRole('option', { name: 'Gateway board, revision F' }).click();
      await page.getByText('Seal each device, for good').click();
    },
  },
  { name: 'orders-empty', query: 'empty', prepare: screen('Orders') },
  { name: 'orders-long', query: 'long', prepare: screen('Orders') },
  {
    name: 'order-passwords',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'Passwords' }).click();
      await page.getByRole('button', { name: 'Make passwords' }).click();
      await page.getByText('3 passwords were made').waitFor();
    },
  },
  {
    name: 'order-passwords-weak',
    query: 'long',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'Passwords' }).click();
      await page.getByRole('textbox', { name: 'Length' }).fill('8');
    },
  },
  {
    name: 'order-batch',
    // Slow enough to be stopped before it is done.
    query: 'speed=0.2',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'Batch for a programming house' }).click();
      await page.getByText('The file’s disk is encrypted').click();
      await page.getByRole('button', { name: 'Start the batch' }).click();
      await page.getByText('Devices per second').waitFor();
      await page.getByRole('button', { name: 'Stop the batch' }).click();
      await page.getByText('stopped, can go on').or(page.getByText('complete')).waitFor();
    },
  },
  {
    name: 'order-manifest',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'Delivery manifest' }).click();
      await page.getByRole('button', { name: 'Sign the manifest' }).click();
      await page.getByText('3 files were written').waitFor();
    },
  },
  {
    name: 'orders-new-password',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await dialog(page, 'New order');
      await page.getByLabel('Order', { exact: true }).fill('WO-2026-0051');
      await page.getByRole('button', { name: /Target/ }).click();
      await page.getByRole('option', { name: 'Espressif ESP32-C6 (NVS partition)' }).click();
      await page.getByText('Give each device a username and a password, too').click();
    },
  },
  {
    name: 'order-with-passwords',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByText('WO-2026-0046 rework').click();
      await dialog(page, 'Passwords');
      await page.getByText('The runs of this order give each device its password').waitFor();
    },
  },
  { name: 'order-new-files', query: '', prepare: newFilesOrder },
  { name: 'order-folder-asks', query: '', prepare: filesOrder },
  {
    name: 'order-folder',
    query: 'speed=1',
    prepare: async (page) => {
      await filesOrder(page);
      await page.getByText('The folder’s disk is encrypted').click();
      await page.getByRole('button', { name: 'Issue to this folder' }).click();
      await page.getByText('In work').waitFor();
    },
  },
  {
    name: 'order-closed',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByText('WO-2026-0045').click();
      await page.getByRole('heading', { name: 'WO-2026-0045' }).waitFor();
    },
  },
  {
    name: 'order-close',
    query: 'long',
    prepare: async (page) => {
      await screen('Orders')(page);
      await dialog(page, 'Close with report');
    },
  },
];
