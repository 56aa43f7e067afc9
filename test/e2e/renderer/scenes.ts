// Every screen in every state worth looking at: what to open, and what to do before it is looked at.

import type { Page } from 'playwright-core';
import type { FakeHandle } from '../../../renderer/fake/fakeMain.tsx';

declare global {
  interface Window {
    fake: FakeHandle;
  }
}

export interface Scene {
  readonly name: string;
  readonly query: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

const screen = (name: string) => async (page: Page) => {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForTimeout(150);
};

/** Four bays in four states: running, passed, failed, the station's trouble. */
const busyBench = async (page: Page): Promise<void> => {
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
  await page.waitForTimeout(120);
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
  await page.waitForTimeout(120);
};

const openDevice = async (page: Page): Promise<void> => {
  await screen('Inventory')(page);
  await page.getByRole('grid').getByRole('row').nth(2).click();
  await page.getByText('SHA-256 fingerprint').first().waitFor();
};

const tab = (name: string) => async (page: Page) => {
  await screen('Settings')(page);
  await page.getByRole('tab', { name }).click();
  await page.waitForTimeout(250);
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

const CSV_WITH_FAULTS =
  'serial;box\nKL7-2700001;1\nKL7-2700002;1\n\nKL7-2700002;2\nkl7-2700001;2\nKL7 2700005;3\n';

const newFilesOrder = async (page: Page): Promise<void> => {
  await screen('Orders')(page);
  await page.getByRole('button', { name: 'New order' }).click();
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
};

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

/** One of each, for every theme. */
const authorityTab = (name: string) => async (page: Page) => {
  await screen('Authority')(page);
  await page.getByRole('tab', { name }).click();
  await page.waitForTimeout(150);
};

const trustExported = async (page: Page): Promise<void> => {
  await authorityTab('Trust and lists')(page);
  await page.getByRole('button', { name: 'Write the files' }).click();
  await page.getByText('3 files were written').waitFor();
};

export const SCENES: readonly Scene[] = [
  { name: 'welcome-1-name', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 1) },
  { name: 'welcome-2-authority', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 2) },
  { name: 'welcome-3-work', query: 'stage=no-station', prepare: (page) => fillWelcome(page, 3) },
  { name: 'welcome-4-sheet', query: 'stage=no-station&speed=50', prepare: (page) => fillWelcome(page, 4) },
  {
    name: 'sign-in',
    query: 'stage=signed-out',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Bruno Kask' }).click();
      await page.keyboard.type('12', { delay: 90 });
    },
  },
  { name: 'provision', query: '', prepare: busyBench },
  { name: 'provision-outcomes', query: '', prepare: outcomes },
  { name: 'orders', query: '', prepare: screen('Orders') },
  { name: 'orders-new', query: '', prepare: newOrder },
  { name: 'inventory', query: '', prepare: screen('Inventory') },
  { name: 'device', query: '', prepare: openDevice },
  { name: 'authority', query: '', prepare: screen('Authority') },
  { name: 'authority-cas', query: '', prepare: authorityTab('Issuing CAs') },
  { name: 'authority-trust', query: '', prepare: trustExported },
  { name: 'authority-profiles', query: '', prepare: authorityTab('Profiles') },
  {
    name: 'log',
    query: 'speed=50',
    prepare: async (page) => {
      await screen('Log')(page);
      await page.getByText('The chain is unbroken').waitFor();
    },
  },
  { name: 'shift', query: '', prepare: screen('Shift') },
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
  {
    name: 'orders-new-password',
    query: '',
    prepare: async (page) => {
      await screen('Orders')(page);
      await page.getByRole('button', { name: 'New order' }).click();
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
      await page.getByRole('button', { name: 'Passwords' }).click();
      await page.getByText('The runs of this order give each device its password').waitFor();
    },
  },
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
    prepare: async (page) => {
      await page.evaluate(() => window.fake.station.hang(true));
      await page.getByText('The station does not answer.').waitFor();
    },
  },
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
  { name: 'settings-operators', query: '', prepare: tab('Operators') },
  { name: 'settings-backup', query: '', prepare: tab('Backup') },
  { name: 'settings-about', query: '', prepare: tab('Station') },
  {
    name: 'shortcuts',
    query: '',
    prepare: async (page) => {
      await page.keyboard.press('F1');
      await page.getByRole('dialog').waitFor();
    },
  },
];

/** States that need no theme of their own. */
export const MORE_SCENES: readonly Scene[] = [
  { name: 'provision-1-bay', query: 'bays=1', prepare: (page) => page.waitForTimeout(100) },
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
      await page.waitForTimeout(1_500);
    },
  },
  { name: 'provision-8-bays', query: 'bays=8', prepare: busyBench },
  { name: 'provision-no-bays', query: 'bays=0' },
  { name: 'provision-german', query: 'language=de', prepare: busyBench },
  {
    name: 'inventory-german',
    query: 'language=de',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Bestand' }).click();
      await page.getByRole('grid').getByText('Geprüft').first().waitFor();
    },
  },
  {
    name: 'authority-german',
    query: 'language=de',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'CA', exact: true }).click();
      await page.getByText('Wurzel-CA').first().waitFor();
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
      await page.waitForTimeout(100);
      await page.getByRole('textbox', { name: 'Device serial' }).fill('KL7-2700400');
      await page.keyboard.press('Enter');
      await page.getByText('did not start').waitFor();
    },
  },
  {
    name: 'provision-lost',
    query: '',
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => window.fake.die(60_000));
      await page.waitForTimeout(100);
    },
  },
  {
    name: 'provision-restarted',
    query: '',
    prepare: async (page) => {
      await busyBench(page);
      await page.evaluate(() => window.fake.die(10));
      await page.getByText('The station was restarted').waitFor();
      await page.waitForTimeout(150);
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
      await page.waitForTimeout(100);
    },
  },
  { name: 'orders-empty', query: 'empty', prepare: screen('Orders') },
  { name: 'orders-long', query: 'long', prepare: screen('Orders') },
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
  { name: 'shift-empty', query: 'empty', prepare: screen('Shift') },
  {
    name: 'log-broken',
    query: 'broken&speed=50',
    prepare: async (page) => {
      await screen('Log')(page);
      await page.getByText('The chain is broken').waitFor();
    },
  },
  {
    name: 'unlock',
    query: '',
    prepare: async (page) => {
      await page.evaluate(() => window.fake.station.lock());
      await page.getByRole('button', { name: 'Locked' }).click();
      await page.getByRole('dialog').waitFor();
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
    name: 'authority-roll-over',
    query: '',
    prepare: async (page) => {
      await authorityTab('Issuing CAs')(page);
      await page.getByRole('button', { name: 'Roll over' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
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
    name: 'authority-cas-german',
    query: 'language=de&long',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'CA', exact: true }).click();
      await page.getByRole('tab', { name: 'Ausstellende CAs' }).click();
      await page.waitForTimeout(150);
    },
  },
  {
    name: 'authority-trust-operator',
    query: 'role=operator&long',
    prepare: authorityTab('Trust and lists'),
  },
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
      await page.waitForTimeout(100);
    },
  },
  {
    name: 'order-batch',
    query: '',
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
    name: 'device-renew',
    query: '',
    prepare: async (page) => {
      await openDevice(page);
      await page.getByRole('button', { name: 'Renew or replace' }).click();
      await page.getByText('The old credential is revoked first').click();
      await page.waitForTimeout(100);
    },
  },
  { name: 'authority-operator', query: 'role=operator', prepare: screen('Authority') },
];
