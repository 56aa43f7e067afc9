// Practice in the packaged app: marked on every screen, and the real station's folder is byte for byte what it was.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, missingApp, type RunningApp, root } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { foundStation } from './founded.ts';
import { bay, bayIn, goTo, SUPERVISOR, scanFor, signIn, unlock, verdict } from './journey.ts';

const DEVICE = 'TRAINING-1';

/** Every file under the folder with its digest. */
const contentOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  );

describe.skipIf(missingApp !== undefined)(`practice in the packaged app ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;
  let before: Readonly<Record<string, string>>;

  beforeAll(async () => {
    bench = openBench();
    await foundStation(bench.dataRoot);
    running = await launch(bench);
    await signIn(running.page, SUPERVISOR.pin);
    await unlock(running.page);
  });
  afterAll(async () => {
    await running?.close();
    await bench?.close();
  });

  const mark = () => running.page.getByRole('status').getByText('Practice: Simulated devices');
  const rootFingerprint = async (): Promise<string> => {
    await goTo(running.page, 'Authority');
    return running.page.locator('.chain-node .fingerprint').first().innerText();
  };

  it('is entered from the station’s settings and then marked on every screen', async () => {
    const { page } = running;
    const real = await rootFingerprint();
    await bench.plug('A1', { lineRate: 'instant' });
    await goTo(page, 'Settings');
    await page.getByRole('tab', { name: 'Station' }).click();
    await page.getByRole('button', { name: 'Enter practice mode' }).click();
    await mark().waitFor({ timeout: 60_000 });
    before = contentOf(bench.dataRoot);
    expect(Object.keys(before)).toContain('inventory.db');
    for (const name of ['Orders', 'Inventory', 'Authority', 'Log', 'Shift', 'Settings', 'Provision']) {
      await goTo(page, name);
      expect(await mark().isVisible(), name).toBe(true);
    }
    expect(await rootFingerprint()).not.toBe(real);
  });

  it('provisions simulated devices under an authority of its own, and touches no real port', async () => {
    const { page } = running;
    await goTo(page, 'Provision');
    await scanFor(page, 'A1', DEVICE);
    await verdict(page, 'A1', 'pass').waitFor({ timeout: 60_000 });
    expect(await bay(page, 'A1').innerText()).toContain('Simulated device');
    expect(await page.content()).not.toContain('socket-A1');
    await goTo(page, 'Inventory');
    await page.getByText('1 device', { exact: true }).waitFor();
    await page.getByRole('grid').getByText(DEVICE).click();
    await page.getByText('CN=Practice Issuing CA').first().waitFor();
  });

  it('has changed no byte of the real station', () => {
    expect(contentOf(bench.dataRoot)).toEqual(before);
  });

  it('leaves nothing behind, and the real station is as it was', async () => {
    const { page } = running;
    await goTo(page, 'Sign out');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave practice' }).click();
    await signIn(page, SUPERVISOR.pin);
    await bayIn(page, 'A1', 'ready').waitFor();
    expect(await mark().count()).toBe(0);
    const practice = `${bench.dataRoot}-practice`;
    expect(existsSync(practice) ? readdirSync(practice) : []).toEqual([]);
    const shown = spawnSync(
      process.execPath,
      [join(root, 'cli', 'main.js'), '--data', bench.dataRoot, '--json', 'inventory', 'show', DEVICE],
      { encoding: 'utf8' },
    );
    expect(shown.status).toBe(2);
  });
});
