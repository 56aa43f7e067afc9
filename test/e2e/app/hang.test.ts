// A station process that hangs in the packaged app: stopped by a signal, so that it is there and answers nothing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, missingApp, type RunningApp, stationPid } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';
import { bay, firstStart, scanFor } from './journey.ts';

describe.skipIf(missingApp !== undefined)(
  `a station that hangs in the packaged app ${missingApp ?? ''}`,
  () => {
    let bench: Bench;
    let running: RunningApp;
    beforeAll(async () => {
      bench = openBench();
      running = await launch(bench);
    });
    afterAll(async () => {
      await running?.close();
      await bench?.close();
    });

    it('is said so by the window, ended and started again', async () => {
      const { page, app } = running;
      await firstStart(page);
      await bench.plug('A1', { lineRate: 4_800 });
      await scanFor(page, 'A1', 'HANG-0001');
      await bay(page, 'A1').getByRole('heading', { name: 'Installing' }).waitFor();
      const pid = (await stationPid(app)) ?? 0;
      process.kill(pid, 'SIGSTOP');
      await page.getByText('The station does not answer.').waitFor({ timeout: 60_000 });
      await page.getByText('Choose your name').waitFor({ timeout: 120_000 });
      expect(await stationPid(app)).not.toBe(pid);
      expect(() => process.kill(pid, 0)).toThrow();
    });
  },
);
