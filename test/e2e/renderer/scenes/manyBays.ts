// Eight bays side by side, each with a failure that takes many words: the narrowest a bay gets on the smallest screen.

import type { Page } from 'playwright-core';
import type { Scene } from './scene.ts';

const allFailed = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    const at = Date.now();
    const serial = '2B7F4D9C1E60A3858D41F2B09C77E5316A0D84F2';
    const failures = [
      ['hardware_id_changed', 'operator', { hardwareId: 'F4CE36A1B2C3', known: 'F4CE36D4E5F6' }],
      ['device_sealed', 'device', { certificateSerial: serial }],
      ['phase_timeout', 'device', { phase: 'install', limitMs: 60_000 }],
      ['already_provisioned', 'operator', {}],
      ['certificate_check_failed', 'station', { reason: 'the subject is not the device serial' }],
      ['port_busy', 'station', { path: '/dev/ttyACM4', program: 'picocom', pid: 48_213 }],
      ['device_silent', 'device', { waitedSeconds: 12 }],
      ['device_serial_case_conflict', 'operator', { deviceSerial: 'KL7-2700306', known: 'kl7-2700306' }],
    ] as const;
    const outcomes = { device: 'fail', operator: 'fail', station: 'error' } as const;
    const { bays } = window.fake.station;
    for (const row of ['A', 'B'])
      for (const [index, [code, side, details]] of failures.entries()) {
        const bayName = `${row}${index + 1}`;
        const outcome = code === 'phase_timeout' ? 'timeout' : outcomes[side];
        bays.show(bayName, {
          state: 'done',
          run: {
            ...{ runId: `run-${bayName}`, deviceSerial: `KL7-270030${index}` },
            ...{ startedAtMs: at - 63_300, endedAtMs: at, outcome },
            phases: [
              { phase: 'open', startedAtMs: at - 63_300, endedAtMs: at - 63_100, outcome: 'pass' },
              { phase: 'identify', startedAtMs: at - 63_100, endedAtMs: at, outcome },
            ],
            failure: { code, side, details },
          },
        });
      }
  });
};

/** One row of them: as tall as the window. */
const oneRow = async (page: Page): Promise<void> => {
  await allFailed(page);
  await page.evaluate(async () => {
    const { methods } = window.fake.station.service;
    const { signal } = new AbortController();
    const bays = await methods['bays.list']({}, { signal });
    const kept = bays.filter(({ row }) => row === 0);
    await methods['bays.saveLayout'](
      { bays: kept.map(({ bayName, row, column, binding }) => ({ bayName, row, column, binding })) },
      { signal },
    );
  });
  await page.getByRole('button', { name: 'Run again in bay B1' }).waitFor({ state: 'detached' });
};

export const MANY_BAYS_SCENES: readonly Scene[] = [
  { name: 'provision-8-in-a-row', query: 'bays=16', prepare: oneRow },
  { name: 'provision-16-failed', query: 'bays=16', prepare: allFailed },
];
