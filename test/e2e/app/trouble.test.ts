// What a bench does to a station, in the window of the packaged app: a data folder that cannot be written, a full disk, lists
// of serials with every fault, no keychain, records of a newer version. Clear words, and nothing lost.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../../support/smallDisk.ts';
import { launch, missingApp, type RunningApp } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { foundStation } from './founded.ts';
import { bay, bayIn, goTo, scanFor, verdict, welcome } from './journey.ts';

const remount = (folder: string, options: string): void => {
  execFileSync('mount', ['-o', `remount,${options}`, folder]);
};

async function chooseList(page: Page, text: string, encoding: BufferEncoding = 'utf8'): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a CSV file' }).click();
  const buffer = Buffer.from(text, encoding);
  await (await chooser).setFiles({ name: 'serials.csv', mimeType: 'text/csv', buffer });
}

describe.skipIf(missingApp !== undefined)(`trouble in the packaged app ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;
  let disk: ReturnType<typeof mountSmallDisk>;

  beforeAll(async () => {
    bench = openBench();
    disk = mountSmallDisk(join(bench.folder, 'disk'), '12m');
    if (disk !== undefined) {
      spawnSync('cp', [join(bench.dataRoot, 'desk.json'), disk.folder]);
      remount(disk.folder, 'ro');
    }
    running = await launch(bench, disk === undefined ? {} : { dataRoot: disk.folder });
  });
  afterAll(async () => {
    await running?.close();
    disk?.unmount();
    await bench?.close();
  });

  it('is told of a folder that cannot be written, and founds the station when it can', async ({ skip }) => {
    if (disk === undefined) return skip('may not mount');
    const { page } = running;
    const founding = welcome(page);
    founding.catch(() => undefined);
    await page.getByRole('alert').getByText('cannot be written to').waitFor();
    expect(readdirSync(disk.folder)).toEqual(['desk.json']);
    remount(disk.folder, 'rw');
    await page.getByRole('button', { name: 'Create the station' }).click();
    await founding;
    await page.getByRole('button', { name: 'Save the sheet' }).click();
    await page.getByRole('button', { name: 'Start working' }).click();
    await bay(page, 'A1').waitFor();
  });

  it('says on every screen that the disk is full, begins no run, and goes on when there is room', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('may not mount');
    const { page } = running;
    const banner = page.getByRole('alert').getByText('The disk is full. Runs cannot start.');
    for (const name of ['Shift', 'Settings', 'Provision']) {
      await goTo(page, name);
      await banner.waitFor();
    }
    await bench.plug('A1', { lineRate: 'instant' });
    await scanFor(page, 'A1', 'FULL-0001');
    await page.getByText('did not start').waitFor();
    await bayIn(page, 'A1', 'ready').waitFor();
    remount(disk.folder, 'size=400m');
    await banner.waitFor({ state: 'detached', timeout: 60_000 });
    await scanFor(page, 'A1', 'FULL-0001');
    await verdict(page, 'A1', 'pass').waitFor({ timeout: 60_000 });
  });

  it('shows the faults of a list by row, takes nothing of it, and takes 50,000 rows that are right', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('may not mount');
    const { page } = running;
    await goTo(page, 'Orders');
    await page.getByRole('button', { name: 'New order' }).click();
    await page.getByRole('textbox', { name: 'Order' }).fill('WO-50000');
    await page.getByText('Serials from a file').click();
    const create = page.getByRole('button', { name: 'Create order' });
    const rows = Array.from({ length: 50_000 }, (_, index) => `KL7-${String(index).padStart(6, '0')}`);
    await chooseList(page, rows.with(49_999, 'KL7-000041').with(20_000, 'KL7 0').join('\r\n'));
    await page.getByText('2 rows are wrong').waitFor();
    await page.getByRole('cell', { name: 'the same as row 42' }).waitFor();
    await page.getByRole('cell', { name: '20,001', exact: true }).waitFor();
    expect(await create.isDisabled()).toBe(true);
    await chooseList(page, 'Gr\u00fcn-1\n', 'latin1');
    await page.getByText('it is not UTF-8').waitFor();
    expect(await create.isDisabled()).toBe(true);
    await chooseList(page, rows.join('\r\n'));
    await page.getByText('50,000 serials are in order').waitFor();
    await create.click();
    await page.getByRole('heading', { name: 'WO-50000' }).waitFor();
    expect(await page.getByRole('banner').innerText()).toContain('0 of 50,000');
  });

  it('does not put the passphrase where anybody can read it, and says why', async ({ skip }) => {
    if (disk === undefined) return skip('may not mount');
    const { page } = running;
    await goTo(page, 'Authority');
    await page.getByText('The operating system’s keychain cannot be used').waitFor();
    // What a Linux desktop without a keyring answers; an older Electron cannot tell.
    await running.app.evaluate(({ safeStorage }) => {
      Object.assign(safeStorage, { getSelectedStorageBackend: () => 'basic_text' });
    });
    await page.reload();
    await goTo(page, 'Authority');
    await page.getByText('what stands in for it (basic_text) hides nothing').waitFor();
    expect(await page.getByRole('button', { name: 'Keep it in the keychain' }).count()).toBe(0);
    expect(readdirSync(disk.folder)).not.toContain('keychain.json');
  });

  it('refuses the records of a newer version in words, and leaves them as they are', async () => {
    const newer = openBench();
    mkdirSync(newer.dataRoot, { recursive: true });
    await foundStation(newer.dataRoot);
    const path = join(newer.dataRoot, 'inventory.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 9990');
    database.close();
    const before = readFileSync(path);
    const app = await launch(newer);
    try {
      await app.page.getByRole('alert').getByText('newer version').first().waitFor();
      expect(await app.page.getByLabel('Station name').count()).toBe(0);
    } finally {
      await app.close();
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    await newer.close();
  });
});
