// The packaged app, driven as a technician drives it, with simulated devices behind real ptys.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, missingApp, type RunningApp, root, stationPid } from './electron.ts';
import { BAY_NAMES, type Bench, openBench } from './fleet.ts';
import {
  bay,
  bayIn,
  firstStart,
  goTo,
  orderOf,
  REPLUG_MS,
  SUPERVISOR,
  scanFor,
  signIn,
  unlock,
  verdict,
} from './journey.ts';

const pictures = join(root, 'dist', 'pictures', 'app');

describe.skipIf(missingApp !== undefined)(`the packaged app ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    bench = openBench();
    running = await launch(bench);
  });
  afterAll(async () => {
    await running?.close();
    await bench?.close();
  });

  const picture = (name: string) => running.page.screenshot({ path: join(pictures, `${name}.png`) });

  it('goes from first start to a verified device', async () => {
    const { page } = running;
    await firstStart(page);
    await bench.plug('A1');
    await scanFor(page, 'A1', 'E2E-0001');
    await verdict(page, 'A1', 'pass').waitFor({ timeout: 60_000 });
    await picture('verdict');
    expect(await bay(page, 'A1').innerText()).toContain('TLSv1.3');
  });

  it('runs four bays in parallel with one unplugged in the middle', async () => {
    const { page } = running;
    await bench.unplug('A1');
    await page.waitForTimeout(REPLUG_MS);
    for (const name of BAY_NAMES) await bench.plug(name);
    for (const [index, name] of BAY_NAMES.entries()) await scanFor(page, name, `E2E-01${index}`);
    await bayIn(page, 'A3', 'running').waitFor();
    await page.waitForTimeout(400);
    await bench.unplug('A3');
    await verdict(page, 'A3', 'fail').waitFor({ timeout: 60_000 });
    for (const name of ['A1', 'A2', 'A4']) await verdict(page, name, 'pass').waitFor({ timeout: 60_000 });
    await picture('four-bays');
  });

  it('comes back within three seconds when the station process is killed in the middle of a run', async () => {
    const { page, app } = running;
    // The bay sees its socket empty before the next device comes, as between two grips of a hand.
    await page.waitForTimeout(REPLUG_MS);
    await bench.plug('A3', { lineRate: 4_800 });
    await scanFor(page, 'A3', 'E2E-0200');
    // In the middle: the device is identified and its credential under way.
    await bay(page, 'A3').getByRole('heading', { name: 'Installing' }).waitFor();
    const pid = await stationPid(app);
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, 'SIGKILL');
    const killedAtMs = performance.now();
    await page
      .getByText('The station was restarted.')
      .or(page.getByText('Choose your name'))
      .first()
      .waitFor();
    const seconds = (performance.now() - killedAtMs) / 1000;
    console.log(`back after ${seconds.toFixed(2)} s`);
    expect(seconds).toBeLessThan(3);
    await picture('restarted');
  });

  it('refuses a wrong PIN and takes the right one', async () => {
    const { page } = running;
    await signIn(page, '9999');
    await page.getByText('Name and PIN do not belong together').waitFor();
    await picture('wrong-pin');
    await signIn(page, SUPERVISOR.pin);
    await bay(page, 'A1').waitFor();
  });

  it('has lost no record of the run that was cut off', () => {
    const cli = spawnSync(
      process.execPath,
      [join(root, 'cli', 'main.js'), '--data', bench.dataRoot, '--json', 'inventory', 'show', 'E2E-0200'],
      { encoding: 'utf8' },
    );
    expect(cli.stdout + cli.stderr).toMatch(/interrupted|aborted/);
  });

  it('works hands-free, ten in a row from the order’s list', async () => {
    const { page } = running;
    await unlock(page);
    for (const name of BAY_NAMES) await bench.unplug(name);
    const deviceSerials = Array.from({ length: 10 }, (_, index) => `HF-${String(index).padStart(4, '0')}`);
    await orderOf(page, 'WO-HF', deviceSerials);
    await goTo(page, 'Provision');
    await page.getByText('Hands-free', { exact: true }).first().click();
    for (const deviceSerial of deviceSerials) {
      // As between two grips of a hand: a port that is back sooner is the same device.
      await page.waitForTimeout(REPLUG_MS);
      await bench.plug('A1', { lineRate: 'instant' });
      await verdict(page, 'A1', 'pass').getByText(deviceSerial).waitFor({ timeout: 60_000 });
      await bench.unplug('A1');
    }
    await page.getByText('10 of 10').first().waitFor();
    await page.getByText('Hands-free', { exact: true }).first().click();
  });

  it('is one instance: a second one gives way', async () => {
    const second = spawnSync(
      join(root, 'dist', 'package', 'linux-unpacked', 'keyline-station'),
      [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        `--data=${bench.dataRoot}`,
        `--user-data-dir=${join(bench.folder, 'electron')}`,
      ],
      { timeout: 20_000, encoding: 'utf8' },
    );
    expect(second.signal).toBeNull();
    expect(second.status).toBe(0);
  });
});
