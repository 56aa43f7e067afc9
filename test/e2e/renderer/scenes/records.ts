// The records: the inventory, a device's page, the log.

import type { Page } from 'playwright-core';
import { broken, dialog, type Scene, screen } from './scene.ts';

const openDevice = async (page: Page): Promise<void> => {
  await screen('Inventory')(page);
  await page.getByRole('grid').getByRole('row').nth(2).click();
  await page.getByText('SHA-256 fingerprint').first().waitFor();
};

const requestBrought = async (page: Page): Promise<void> => {
  await screen('Inventory')(page);
  await dialog(page, 'Issue a certificate');
  await page.getByRole('textbox', { name: 'Device serial' }).fill('GW-0001');
  await page.locator('input[type=file]').setInputFiles({
    name: 'gw-0001.csr',
    mimeType: 'application/pkcs10',
    buffer: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----'),
  });
  await page.getByText('gw-0001.csr').waitFor();
};

const hostKeyBrought = async (page: Page): Promise<void> => {
  await screen('Inventory')(page);
  await dialog(page, 'Issue a certificate');
  await page.getByText('An SSH host key').click();
  await page.getByRole('textbox', { name: 'Device serial' }).fill('GW-0001');
  await page.getByRole('textbox', { name: 'Names' }).fill('gw1.plant7.example 10.0.0.7');
  await page.locator('input[type=file]').setInputFiles({
    name: 'ssh_host_ed25519_key.pub',
    mimeType: 'text/plain',
    buffer: Buffer.from('ssh-ed25519 AAAA'),
  });
  await page.getByText('ssh_host_ed25519_key.pub').waitFor();
};

export const RECORD_SCENES: readonly Scene[] = [
  { name: 'inventory', query: '', prepare: screen('Inventory') },
  { name: 'device', query: '', prepare: openDevice },
  { name: 'request', query: '', prepare: requestBrought },
  {
    name: 'request-issued',
    query: 'long',
    prepare: async (page) => {
      await requestBrought(page);
      await page.getByRole('button', { name: 'Issue the certificate' }).click();
      await page.getByText('was written').first().waitFor();
    },
  },
  { name: 'ssh-host', query: '', prepare: hostKeyBrought },
  {
    name: 'ssh-host-issued',
    query: 'long',
    prepare: async (page) => {
      await hostKeyBrought(page);
      await page.getByRole('button', { name: 'Issue the certificate' }).click();
      await page.getByText('were written').first().waitFor();
    },
  },
  { name: 'inventory-empty', query: 'empty', prepare: screen('Inventory') },
  { name: 'inventory-long', query: 'long', prepare: screen('Inventory') },
  {
    name: 'inventory-no-match',
    query: '',
    prepare: async (page) => {
      await screen('Inventory')(page);
      await page.getByRole('searchbox').fill('nothing like this');
      await page.getByText('No device fits').waitFor();
    },
  },
  {
    name: 'inventory-failed',
    query: '',
    prepare: async (page) => {
      await page.evaluate(() =>
        window.fake.station.breakWith(
          new window.fake.StationError('inventory_invalid', { reason: 'page 812 is torn' }),
        ),
      );
      await screen('Inventory')(page);
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    },
  },
  {
    name: 'revoke',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'transcript',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await page.getByRole('button', { name: 'Transcript' }).first().click();
      await page.getByText('cred list').first().waitFor();
    },
  },
  {
    name: 'device-renew',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await page.getByRole('button', { name: 'Renew or replace' }).click();
      await page.getByText('The old credential is revoked first').click();
    },
  },
  {
    name: 'log',
    query: 'speed=50',
    prepare: async (page) => {
      await screen('Log')(page);
      await page.getByText('The chain is unbroken').waitFor();
    },
  },
  {
    name: 'log-broken',
    query: 'broken&speed=50',
    prepare: async (page) => {
      await screen('Log')(page);
      await page.getByText('The chain is broken').waitFor();
    },
  },
  {
    name: 'inventory-export',
    query: '',
    prepare: async (page) => {
      await screen('Inventory')(page);
      await dialog(page, 'Export');
    },
  },
  {
    name: 'device-long',
    query: 'long',
    prepare: openDevice,
  },
  {
    name: 'device-renewed',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await dialog(page, 'Renew or replace');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Renew', exact: true }).click();
      await page.getByText('files were written').waitFor();
    },
  },
  {
    name: 'transcript-no-line',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await dialog(page, 'Transcript');
      await page.getByRole('dialog').getByRole('searchbox').fill('nothing like this');
      await page.getByText('No line holds that').waitFor();
    },
  },
  {
    name: 'log-failed',
    query: '',
    prepare: async (page) => {
      await broken(page);
      await screen('Log')(page);
      await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    },
  },
];
