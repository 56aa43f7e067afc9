// The bench: every state a bay can be in, and every way the station can be in trouble.

import type { Page } from 'playwright-core';
import { dialog, type Scene, screen } from './scene.ts';

/** Four bays in four states: running, passed, failed, the station's trouble. */
export const busyBench = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    const { bays } = window.fake.station;
    const at = Date.now();
    const names = [
      'open',
      'identify',
      'reserve',
      'key',
      'prepare',
      'issue',
      'install',
      'verify',
      'seal',
      'close',
    ] as const;
    const phases = (count: number, last: 'pass' | 'fail' | 'error' | undefined) =>
      names.slice(0, count).map((phase, index) => {
        const end = index === count - 1;
        const startedAtMs = at - (count - index) * 700;
        return end && last === undefined
          ? { phase, startedAtMs }
          : {
              phase,
              startedAtMs,
              endedAtMs: startedAtMs + 650,
              outcome: end ? (last ?? 'pass') : ('pass' as const),
            };
      });
    const run = (deviceSerial: string) => ({
      runId: `run-${deviceSerial}`,
      deviceSerial,
      startedAtMs: at - 4_600,
    });
    bays.show('A1', {
      state: 'done',
      run: {
        ...run('KL7-2700312'),
        endedAtMs: at + 2_200,
        outcome: 'pass',
        phases: phases(10, 'pass'),
        checks: {
          items: [
            { item: 'ca', check: 'device-digest' },
            { item: 'certificate', check: 'device-digest' },
            { item: 'privateKey', check: 'proof-of-possession' },
          ],
          handshake: {
            protocol: 'TLSv1.3',
            cipher: 'TLS_AES_256_GCM_SHA384',
            durationMs: 400,
            peerCertificateSha256: 'ab'.repeat(32),
          },
        },
      },
    });
    bays.show('A2', {
      state: 'running',
      run: {
        ...run('KL7-2700313'),
        phases: phases(7, undefined),
        progress: { sentBytes: 1_344, totalBytes: 2_148 },
      },
    });
    bays.show('A3', {
      state: 'done',
      run: {
        ...run('KL7-2700298'),
        endedAtMs: at - 1_200,
        outcome: 'fail',
        phases: phases(8, 'fail'),
        failure: { code: 'verification_mismatch', side: 'device', details: { item: 'certificate' } },
      },
    });
    bays.unplug('A4');
  });
};

const outcomes = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    const { bays } = window.fake.station;
    const at = Date.now();
    const end = (
      bayName: string,
      outcome: 'error' | 'timeout' | 'aborted' | 'fail',
      code: 'disk_full' | 'phase_timeout' | 'interrupted' | 'already_provisioned',
      side: 'station' | 'device' | 'operator',
    ) =>
      bays.show(bayName, {
        state: 'done',
        run: {
          runId: `run-${bayName}`,
          deviceSerial: `KL7-27003${bayName.charCodeAt(1)}`,
          startedAtMs: at - 3_300,
          endedAtMs: at,
          outcome,
          phases: [
            { phase: 'open', startedAtMs: at - 3_300, endedAtMs: at - 3_100, outcome: 'pass' },
            { phase: 'identify', startedAtMs: at - 3_100, endedAtMs: at, outcome },
          ],
          failure: { code, side, details: { phase: 'key', limitMs: 60_000 } },
        },
      });
    end('A1', 'error', 'disk_full', 'station');
    end('A2', 'timeout', 'phase_timeout', 'device');
    end('A3', 'aborted', 'interrupted', 'operator');
    end('A4', 'fail', 'already_provisioned', 'operator');
  });
};

export const BENCH_SCENES: readonly Scene[] = [
  { name: 'provision', query: '', prepare: busyBench },
  { name: 'provision-outcomes', query: '', prepare: outcomes },
  {
    name: 'awaits-restart',
    query: '',
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => {
        const { bays } = window.fake.station;
        const { run } = bays.bay('A2');
        if (run !== undefined) bays.show('A2', { run: { ...run, awaitsRestart: true } });
      });
    },
  },
  { name: 'empty-bench', query: 'bays=0' },
  {
    name: 'silent',
    query: '',
    deaf: true,
    prepare: async (page) => {
      await page.evaluate(() => window.fake.station.hang(true));
      await page.getByText('The station does not answer.').waitFor();
    },
  },
  { name: 'provision-1-bay', query: 'bays=1' },
  {
    name: 'provision-1-bay-pass',
    query: 'bays=1&speed=200',
    prepare: async (page) => {
      await page.evaluate(() =>
        window.fake.station.service.methods['bays.start'](
          { bayName: 'A1', deviceSerial: 'KL7-1', replace: true },
          { signal: new AbortController().signal },
        ),
      );
      await page.getByText('Pass').first().waitFor();
    },
  },
  { name: 'provision-8-bays', query: 'bays=8', prepare: busyBench },
  {
    name: 'provision-16-bays',
    query: 'bays=16',
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => {
        for (const bay of ['A5', 'A6', 'B1', 'B2', 'B3'])
          void window.fake.station.service.methods['bays.start'](
            { bayName: bay, deviceSerial: `KL7-${bay}`, replace: true },
            { signal: new AbortController().signal },
          );
      });
      await page.getByRole('button', { name: 'Stop bay B3' }).waitFor();
    },
  },
  { name: 'provision-ready', query: '' },
  {
    name: 'provision-locked-disk',
    query: '',
    prepare: async (page) => {
      await page.evaluate(() => {
        window.fake.station.lock();
        window.fake.station.setConditions([
          { kind: 'disk-full', sinceMs: Date.now(), details: { freeMegabytes: 3 } },
          { kind: 'clock-behind', sinceMs: Date.now(), details: { minutes: 41 } },
        ]);
      });
      await page.getByRole('textbox', { name: 'Device serial' }).fill('KL7-2700400');
      await page.keyboard.press('Enter');
      await page.getByText('did not start').waitFor();
    },
  },
  {
    name: 'provision-lost',
    query: '',
    deaf: true,
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => window.fake.die(60_000));
    },
  },
  {
    name: 'provision-restarted',
    query: '',
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => window.fake.die(10));
      await page.getByText('The station was restarted').waitFor();
    },
  },
  { name: 'provision-practice', query: 'practice', prepare: busyBench },
  {
    name: 'provision-long',
    query: 'long',
    prepare: async (page) => {
      await page.evaluate(() => {
        window.fake.station.bays.show('A1', {
          state: 'done',
          run: {
            runId: 'run-1',
            deviceSerial: 'KL7-EXTRA-LONG-SERIAL-NUMBER-2026-WEEK-48-LINE-3-POS-2600001-AAA',
            startedAtMs: Date.now() - 9_000,
            endedAtMs: Date.now(),
            outcome: 'fail',
            phases: [],
            failure: {
              code: 'hardware_id_changed',
              side: 'operator',
              details: { hardwareId: 'F4CE36A1B2C3', known: 'F4CE36D4E5F6' },
            },
          },
        });
      });
    },
  },
  {
    name: 'provision-replace',
    query: 'speed=60',
    prepare: async (page) => {
      await page.evaluate(async () => {
        window.fake.station.bays.failNext('A1', 'already_provisioned');
        await window.fake.station.service.methods['bays.start'](
          { bayName: 'A1', deviceSerial: 'KL7-1200', replace: false },
          { signal: new AbortController().signal },
        );
      });
      await page.getByRole('button', { name: 'Replace' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'practice-leave',
    query: 'practice',
    prepare: (page) => dialog(page, 'Leave practice'),
  },
  {
    name: 'shift',
    query: '',
    prepare: screen('Shift'),
  },
  { name: 'shift-empty', query: 'empty', prepare: screen('Shift') },
  {
    name: 'shortcuts',
    query: '',
    prepare: async (page) => {
      await page.keyboard.press('F1');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'unlock',
    query: '',
    prepare: async (page) => {
      await page.evaluate(() => window.fake.station.lock());
      await dialog(page, 'Locked');
    },
  },
  {
    name: 'unlock-keychain-wrong',
    query: 'speed=50',
    prepare: async (page) => {
      await page.evaluate(async () => {
        await window.fake.station.service.methods['authority.keepPassphrase'](
          { passphrase: 'right' },
          { signal: new AbortController().signal },
        );
        window.fake.station.lock();
      });
      await dialog(page, 'Locked');
      await page.getByRole('button', { name: 'Unlock with the keychain' }).waitFor();
      await page.getByRole('textbox', { name: 'Passphrase' }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the passphrase').waitFor();
    },
  },
];
