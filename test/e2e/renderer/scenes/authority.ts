// The authority: its chain, CAs, lists, exports, profiles, and every question before it changes.

import type { Page } from 'playwright-core';
import { dialog, type Scene, screen } from './scene.ts';

const authorityTab = (name: string) => async (page: Page) => {
  await screen('Authority')(page);
  await page.getByRole('tab', { name }).click();
};

const trustExported = async (page: Page): Promise<void> => {
  await authorityTab('Trust and lists')(page);
  await page.getByRole('button', { name: 'Write the files' }).click();
  await page.getByText('3 files were written').waitFor();
};

const listsKept = async (page: Page): Promise<void> => {
  await authorityTab('Trust and lists')(page);
  await page.getByRole('button', { name: 'Sign the next set' }).click();
  await page.getByText('its last list stays').waitFor();
};

const revoked = async (page: Page): Promise<void> => {
  await authorityTab('Issuing CAs')(page);
  await dialog(page, 'Revoke issuing CA 2');
  await page.getByRole('textbox', { name: 'Passphrase' }).fill('right one');
  await page.keyboard.press('Enter');
  await page.getByText('was written').or(page.getByText('were written')).waitFor();
};

const rootListChosen = async (page: Page, words: string): Promise<void> => {
  await authorityTab('Trust and lists')(page);
  await dialog(page, 'Take the root’s list in');
  await page.locator('input[type=file]').setInputFiles({
    name: 'root.crl.pem',
    mimeType: 'application/x-pem-file',
    buffer: Buffer.from(words),
  });
  await page.getByText('root.crl.pem').last().waitFor();
};

const rootListTaken =
  (words: string) =>
  async (page: Page): Promise<void> => {
    await rootListChosen(page, words);
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('alert').or(page.getByRole('status')).first().waitFor();
  };

const caRequested = async (page: Page): Promise<void> => {
  await authorityTab('Issuing CAs')(page);
  await dialog(page, 'Request a CA');
  await page.getByRole('textbox', { name: 'Passphrase' }).fill('right one');
  await page.keyboard.press('Enter');
  await page.getByText('was written').waitFor();
};

const caWaits = async (page: Page): Promise<void> => {
  await caRequested(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('Waits for the root').waitFor();
};

/** A dialog's list of choices, opened and chosen from. */
const choose = async (page: Page, label: string, option: string): Promise<void> => {
  await page.getByRole('button', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
};

const choosePai = async (page: Page, vendorId: string): Promise<void> => {
  await choose(page, 'What it is for', 'Matter devices');
  await page.getByLabel('Vendor id').fill(vendorId);
};

const rolledToPai = async (page: Page, vendorId: string): Promise<void> => {
  await authorityTab('Issuing CAs')(page);
  await page.getByRole('button', { name: 'Roll over' }).click();
  await page.getByRole('alertdialog').waitFor();
  await choosePai(page, vendorId);
};

const caBrought =
  (filesPassphrase: string) =>
  async (page: Page): Promise<void> => {
    await authorityTab('Issuing CAs')(page);
    await dialog(page, 'Import a CA');
    await page.locator('input[type=file]').setInputFiles({
      name: 'plant-north-issuing-ca-2026.p12',
      mimeType: 'application/x-pkcs12',
      buffer: Buffer.from('a CA'),
    });
    await page.getByText('plant-north-issuing-ca-2026.p12').waitFor();
    if (filesPassphrase === '') return;
    await page.getByLabel('Password of the files').fill(filesPassphrase);
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('right one');
    await page.keyboard.press('Enter');
    await page.getByText('does not open the file').waitFor();
  };

/** Where the passphrase can be kept, it is; elsewhere the panel says why not. */
const keychain = async (page: Page): Promise<void> => {
  await screen('Authority')(page);
  await dialog(page, 'Keep it in the keychain…');
};

export const AUTHORITY_SCENES: readonly Scene[] = [
  { name: 'authority', query: '', prepare: screen('Authority') },
  { name: 'authority-cas', query: '', prepare: authorityTab('Issuing CAs') },
  { name: 'authority-trust', query: '', prepare: trustExported },
  { name: 'authority-profiles', query: '', prepare: authorityTab('Profiles') },
  {
    name: 'authority-roll-over',
    query: '',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await page.getByRole('button', { name: 'Roll over' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'authority-roll-over-pai', query: 'long', prepare: (page) => rolledToPai(page, 'FFF1') },
  { name: 'authority-roll-over-pai-wrong', query: '', prepare: (page) => rolledToPai(page, 'FFG') },
  {
    name: 'authority-limits',
    query: '',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await page.getByRole('button', { name: 'Limits of issuing CA 1' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'authority-where',
    query: '',
    prepare: async (page) => {
      await authorityTab('Trust and lists')(page);
      await page.getByRole('button', { name: 'Where to put it' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'authority-trust-operator',
    query: 'role=operator&long',
    prepare: authorityTab('Trust and lists'),
  },
  { name: 'authority-operator', query: 'role=operator', prepare: screen('Authority') },
  { name: 'keychain-keep', query: '', prepare: keychain },
  {
    name: 'keychain-kept',
    query: 'long',
    prepare: async (page) => {
      await keychain(page);
      await page.getByRole('textbox', { name: 'Passphrase' }).fill('right one');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Forget it' }).waitFor();
    },
  },
  {
    name: 'keychain-refused',
    query: 'keychain=basic-text',
    prepare: async (page) => {
      await screen('Authority')(page);
      await page.getByText('keychain').first().waitFor();
    },
  },
  {
    name: 'authority-details',
    query: '',
    prepare: async (page) => {
      await screen('Authority')(page);
      await dialog(page, 'Details');
    },
  },
  {
    name: 'server-new',
    query: '',
    prepare: async (page) => {
      await screen('Authority')(page);
      await dialog(page, 'New server certificate');
    },
  },
  {
    name: 'server-made',
    query: '',
    prepare: async (page) => {
      await screen('Authority')(page);
      await dialog(page, 'New server certificate');
      await page.getByRole('dialog').getByRole('textbox').first().fill('mqtt.plant.example 10.20.0.5');
      await page.keyboard.press('Enter');
      await page.getByText('files were written').waitFor();
    },
  },
  {
    name: 'server-renew',
    query: 'long',
    prepare: async (page) => {
      await screen('Authority')(page);
      await dialog(page, 'Renew the certificate of mqtt.plant.example');
    },
  },
  {
    name: 'ca-use',
    query: '',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await dialog(page, 'Let it sign: issuing CA 1');
    },
  },
  {
    name: 'ca-revoke',
    query: 'long',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await dialog(page, 'Revoke issuing CA 2');
    },
  },
  { name: 'ca-revoked', query: '', prepare: revoked },
  { name: 'ca-revoked-root-delayed', query: 'root=passphrase_delayed', prepare: revoked },
  { name: 'ca-revoked-root-other', query: 'root=passphrase_wrong', prepare: revoked },
  { name: 'ca-revoked-root-away', query: 'root=root_elsewhere', prepare: revoked },
  { name: 'lists-root-delayed', query: 'root=passphrase_delayed', prepare: listsKept },
  { name: 'lists-root-other', query: 'root=passphrase_wrong', prepare: listsKept },
  { name: 'lists-root-away', query: 'root=root_elsewhere', prepare: authorityTab('Trust and lists') },
  {
    name: 'ca-request',
    query: 'root=root_elsewhere',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await dialog(page, 'Request a CA');
    },
  },
  {
    name: 'ca-request-pai',
    query: 'root=root_elsewhere',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await dialog(page, 'Request a CA');
      await choosePai(page, 'FFF1');
    },
  },
  { name: 'ca-requested', query: 'root=root_elsewhere', prepare: caRequested },
  { name: 'ca-waits', query: 'root=root_elsewhere', prepare: caWaits },
  {
    name: 'ca-install',
    query: 'long',
    prepare: async (page) => {
      await caWaits(page);
      await dialog(page, 'Take the chain in: issuing CA 3');
    },
  },
  { name: 'ca-import', query: '', prepare: caBrought('') },
  { name: 'ca-import-refused', query: '', prepare: caBrought('wrong') },
  {
    name: 'root-list',
    query: 'root=root_elsewhere',
    prepare: (page) => rootListChosen(page, '-----BEGIN X509 CRL-----'),
  },
  { name: 'root-list-unfit', query: 'root=root_elsewhere', prepare: rootListTaken('a letter') },
  {
    name: 'root-list-revokes',
    query: 'root=root_elsewhere',
    prepare: rootListTaken('Revokes 1\n-----BEGIN X509 CRL-----'),
  },
  {
    name: 'authority-cas-revoked',
    query: 'long',
    prepare: async (page) => {
      await page.evaluate(() =>
        window.fake.station.service.methods['authority.revokeIssuing'](
          { label: '1', reason: 'keyCompromise', passphrase: 'right' },
          { signal: new AbortController().signal },
        ),
      );
      await authorityTab('Issuing CAs')(page);
    },
  },
];
