import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openSite, type Site } from './page.ts';
import './scenes/scene.ts';

let site: Site;
let complaints: string[] = [];
let page: Page;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
afterEach(async () => {
  // No error, no warning, no breach of the content security policy, no message outside the contract.
  expect(complaints).toEqual([]);
  expect(await page.evaluate(() => window.fake.refusals)).toEqual([]);
  await page.context().close();
});

async function open(query: string): Promise<void> {
  ({ page, complaints } = await site.open(query));
}

/**
 * Types as a scanner does: all keys in one go, whatever has the focus. The events are made before any is sent, because a
 * real key's time is when it was pressed, however long the page takes for the one before.
 */
async function scan(text: string): Promise<void> {
  await page.evaluate((keys) => {
    const target = document.activeElement ?? document.body;
    const pressed = [...keys, 'Enter'].map(
      (key) => new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
    );
    for (const event of pressed) {
      const { key } = event;
      const typed = target.dispatchEvent(event) && key.length === 1;
      if (typed && target instanceof HTMLInputElement) {
        const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
        setter?.call(target, target.value + key);
        target.dispatchEvent(new Event('input', { bubbles: true }));
      }
      target.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true }));
    }
  }, text);
}

const screen = (name: string) =>
  page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
const bay = (name: string) => page.getByRole('region', { name: `Bay ${name}`, exact: true });
const word = (name: string, outcome: string) => bay(name).getByText(outcome, { exact: true }).waitFor();

describe('a technician', () => {
  it('goes from the first start to a verified device', async () => {
    await open('stage=no-station&speed=25');
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByLabel('Station name').fill('Bench 3');
    await page.getByLabel('Site').fill('Plant North');
    await page.getByLabel('First supervisor').fill('Ada Lind');
    await page.getByLabel('PIN').first().fill('2468');
    await page.getByLabel('Repeat the PIN').fill('1357');
    await page.getByText('The two PINs are different.').waitFor();
    await page.getByLabel('Repeat the PIN').fill('2468');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Passphrase').first().fill('copper lantern orbit');
    await page.getByLabel('Repeat the passphrase').fill('copper lantern orbit');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Create the station' }).click();
    const sheet = await page.getByRole('article').innerText();
    expect(sheet).toContain('Plant North Root CA');
    expect(sheet).not.toContain('copper');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the sheet' }).click();
    expect((await download).suggestedFilename()).toContain('keyline-recovery');
    await page.getByRole('button', { name: 'Start working' }).click();
    await page.getByText('Next scan starts bay A1').waitFor();
    await scan('KL7-2700003');
    await word('A1', 'Pass');
    await bay('A1').getByText('Strong check').waitFor();
  });

  it('signs in with the right PIN only, or with a badge', async () => {
    await open('stage=signed-out&speed=25');
    await page.getByRole('button', { name: 'Bruno Kask' }).click();
    // At a person's speed: faster would be a badge.
    await page.keyboard.type('9999', { delay: 90 });
    await page.waitForTimeout(90);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('do not belong together').waitFor();
    for (const digit of '1234') await page.getByRole('button', { name: digit, exact: true }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Next scan starts bay A1').waitFor();
    expect(await page.getByRole('banner').innerText()).toContain('Bruno Kask');
    await screen('Sign out');
    await page.getByText('Scan your badge at any time').waitFor();
    await scan('BADGE-2002');
    await page.getByText('Next scan starts bay A1').waitFor();
    expect(await page.getByRole('banner').innerText()).toContain('Chen Wei');
  });

  it('runs four bays at once and unplugs one in the middle', async () => {
    await open('speed=4');
    for (const [index, name] of ['A1', 'A2', 'A3', 'A4'].entries()) {
      await page.evaluate(
        ([bayName, deviceSerial]) =>
          window.fake.station.service.methods['bays.start'](
            { bayName: bayName ?? '', deviceSerial: deviceSerial ?? '', replace: true },
            { signal: new AbortController().signal },
          ),
        [name, `KL7-${index}`],
      );
    }
    await bay('A4').getByRole('button', { name: 'Stop bay A4' }).waitFor();
    await page.evaluate(() => window.fake.station.bays.unplug('A3'));
    await word('A3', 'Fail');
    await bay('A3').getByText('unplugged in the middle').waitFor();
    for (const name of ['A1', 'A2', 'A4']) await word(name, 'Pass');
    expect(await bay('A2').innerText()).toContain('KL7-1');
  });

  it('works hands-free, ten in a row', async () => {
    await open('bays=1&speed=60');
    await bay('A1').getByText('Hands-free', { exact: true }).click();
    const before = await page
      .getByText(/of 500/)
      .first()
      .innerText();
    for (let n = 0; n < 10; n++) {
      const verdicts = page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const stop = window.fake.station.service.subscribe((event) => {
              if (event.event !== 'bay.verdict') return;
              stop();
              resolve(event.payload.outcome);
            });
            window.fake.station.bays.unplug('A1');
            window.fake.station.bays.plug('A1');
          }),
      );
      expect(['pass', 'fail', 'timeout']).toContain(await verdicts);
    }
    await page.getByText('Next scan').waitFor({ state: 'detached' });
    expect(
      await page
        .getByText(/of 500/)
        .first()
        .innerText(),
    ).not.toBe(before);
  });

  it('stops all with one key, and retries one bay', async () => {
    await open('speed=2');
    await scan('KL7-8800001');
    await scan('KL7-8800002');
    await bay('A2').getByRole('button', { name: 'Stop bay A2' }).waitFor();
    await page.keyboard.press('F8');
    await word('A1', 'Stopped');
    await word('A2', 'Stopped');
    await bay('A2').getByRole('button', { name: 'Retry bay A2' }).click();
    await bay('A2').getByRole('button', { name: 'Stop bay A2' }).waitFor();
    await word('A1', 'Stopped');
  });

  it('replaces a credential only after a question', async () => {
    await open('speed=60');
    await page.evaluate(() => window.fake.station.bays.failNext('A1', 'already_provisioned'));
    await scan('KL7-1200');
    await word('A1', 'Fail');
    await bay('A1').getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('alertdialog').getByText('cannot be undone').waitFor();
    await page.getByRole('button', { name: 'Replace and run' }).click();
    await word('A1', 'Pass');
  });
});

describe('the scanner', () => {
  it('starts a run from any screen and leaves fields as they were', async () => {
    await open('speed=4');
    await screen('Log');
    const field = page.getByRole('searchbox');
    await field.fill('issued');
    await scan('KL7-2700002');
    await bay('A1').getByText('KL7-2700002').waitFor();
    await screen('Log');
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  it('opens the device on the inventory, and gives the search back', async () => {
    await open('');
    await screen('Inventory');
    await page.getByRole('searchbox').fill('KL7');
    await scan('KL7-2654321');
    await page.getByRole('heading', { name: 'KL7-2654321' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('KL7');
  });

  it('chooses a bay, presses no button and triggers no shortcut', async () => {
    await open('');
    await scan('bay:A3');
    await page.getByText('Next scan starts bay A3').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await scan('?1 22 3344');
    await page.getByText('is not a device serial').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByText('Next scan starts bay A3').waitFor();
  });
});

describe('the keyboard', () => {
  it('reaches every screen, the overview, and a bay by its number', async () => {
    await open('');
    await page.keyboard.press('Alt+4');
    await page.getByRole('heading', { level: 1, name: 'Authority' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+1');
    await page.keyboard.press('2');
    await page.getByText('Next scan starts bay A2').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('KL7-99', { delay: 80 });
    expect(await page.getByRole('textbox', { name: 'Device serial' }).inputValue()).toBe('KL7-99');
    await page.keyboard.press('Enter');
    await bay('A2').getByText('KL7-99').waitFor();
  });
});

describe('the inventory', () => {
  it('shows 100,000 devices with only those in sight in the page', async () => {
    await open('');
    await screen('Inventory');
    await page.getByText('100,000 devices').waitFor();
    const grid = page.getByRole('grid', { name: 'Devices' });
    await grid.focus();
    await page.keyboard.press('End');
    await grid.getByText('KL7-2600000').waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(60);
    for (let n = 0; n < 20; n++) {
      await grid.evaluate((element, part) => element.scrollTo({ top: element.scrollHeight * part }), n / 20);
      await page.waitForTimeout(20);
    }
    expect(await grid.getByRole('row').count()).toBeLessThan(60);
    await page.getByRole('searchbox').fill('2612345');
    await page.getByText('1 device', { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'KL7-2612345' }).waitFor();
  });

  it('lets a supervisor revoke with a reason, and an operator not at all', async () => {
    await open('');
    await screen('Inventory');
    await scan('KL7-2699999');
    await page.getByRole('button', { name: 'Revoke' }).click();
    expect(await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(
      true,
    );
    await page.getByLabel('In your words').fill('board was replaced');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('superseded: board was replaced').waitFor();
    await page.context().close();
    await open('role=operator');
    await screen('Inventory');
    await scan('KL7-2699999');
    await page.getByRole('button', { name: 'Copy PEM' }).waitFor();
    expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
  });
});

describe('a work order', () => {
  it('is refused with a list that has errors, by row, and taken with a good one', async () => {
    await open('empty');
    await screen('Orders');
    await page.getByRole('button', { name: 'New order' }).click();
    await page.getByRole('textbox', { name: 'Order' }).fill('WO-1');
    await page.getByText('Serials from a file').click();
    const choose = async (text: string): Promise<void> => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose a CSV file' }).click();
      await (await chooser).setFiles({
        name: 'serials.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(text, 'latin1'),
      });
    };
    await choose('A1\nA1\nB 2\n');
    await page.getByRole('cell', { name: 'the same as row 1' }).waitFor();
    expect(await page.getByRole('button', { name: 'Create order' }).isDisabled()).toBe(true);
    await choose('Gr\u00fcn\n');
    await page.getByText('it is not UTF-8').waitFor();
    await choose(Array.from({ length: 50_000 }, (_, i) => `KL7-${i}`).join('\r\n'));
    await page.getByText('50,000 serials are in order').waitFor();
    await page.getByRole('button', { name: 'Create order' }).click();
    await page.getByRole('heading', { name: 'WO-1' }).waitFor();
    expect(await page.getByRole('banner').innerText()).toContain('0 of 50,000');
  });
});

describe('an order with passwords', () => {
  it('is offered where the target has a place, kept from weak ones, and says what it asks for', async () => {
    await open('empty');
    await screen('Orders');
    await page.getByRole('button', { name: 'New order' }).click();
    await page.getByRole('textbox', { name: 'Order' }).fill('WO-1');
    await page.getByRole('textbox', { name: 'Quantity' }).fill('5');
    const choose = page.getByText('Give each device a username and a password, too');
    expect(await choose.count()).toBe(0);
    await page.getByRole('button', { name: /Target/ }).click();
    await page.getByRole('option', { name: 'Espressif ESP32-C6 (NVS partition)' }).click();
    await choose.click();
    const create = page.getByRole('button', { name: 'Create order' });
    await page.getByRole('textbox', { name: 'Length' }).fill('8');
    expect(await create.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Length' }).fill('24');
    await create.click();
    await page
      .getByText('Certificate and password: 24 characters (Easy to read), 132 bits of entropy')
      .waitFor();
    expect(await page.getByRole('button', { name: 'Batch for a programming house' }).count()).toBe(0);
  });
});

describe('an order of files', () => {
  it('is made with its warning, issued by a supervisor to a folder, stopped and continued to its end', async () => {
    await open('');
    await screen('Orders');
    await page.getByRole('button', { name: 'New order' }).click();
    await page.getByRole('textbox', { name: 'Order' }).fill('WO-F');
    await page.getByRole('button', { name: /Target/ }).click();
    await page.getByRole('option', { name: 'Files in a folder for each device' }).click();
    const warning = page.getByText('Each private key will stand in a file on a disk.');
    await warning.waitFor();
    expect(await page.getByRole('dialog').getByText('Check each device again').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Quantity' }).fill('12');
    await page.getByRole('button', { name: 'Create order' }).click();
    // It waits for no bay: there is no way to put it before the bays.
    const issue = page.getByRole('button', { name: 'Issue to a folder' });
    await issue.waitFor();
    expect(await page.getByRole('button', { name: 'Work on this order' }).count()).toBe(0);
    await issue.click();
    await warning.waitFor();
    const dialog = page.getByRole('dialog');
    const folder = page.getByRole('textbox', { name: 'Folder' });
    expect(await folder.inputValue()).toMatch(/^\/var\/lib\/keyline\/exports\/order-WO-F-/);
    const begin = dialog.getByRole('button', { name: 'Issue to this folder' });
    expect(await begin.isDisabled()).toBe(true);
    await page.getByLabel('Passphrase of the PKCS#12 files').fill('copper lantern orbit');
    expect(await begin.isDisabled()).toBe(true);
    await page.getByText('The folder’s disk is encrypted').click();
    await page.getByLabel('Repeat the passphrase').fill('copper lantern orbot');
    await dialog.getByText('The two passphrases are different.').waitFor();
    expect(await begin.isDisabled()).toBe(true);
    await page.getByLabel('Repeat the passphrase').fill('copper lantern orbit');
    await folder.fill('stick');
    await begin.click();
    await dialog.getByText('it is no whole path').waitFor();
    await folder.fill('/media/stick/WO-F');
    await begin.click();
    await dialog.getByText('In work').waitFor();
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByText('stopped, can go on').waitFor();
    await dialog.getByRole('button', { name: /^(Issue to this folder|Go on issuing)$/ }).click();
    await dialog.getByText('12 of 12 · complete').waitFor();
    expect(await dialog.getByRole('button', { name: /Issue to this folder|Go on/ }).count()).toBe(0);
  });

  it('tells an operator who may issue it', async () => {
    await open('role=operator');
    await screen('Orders');
    await page.getByRole('button', { name: 'New order' }).click();
    await page.getByRole('textbox', { name: 'Order' }).fill('WO-F');
    await page.getByRole('button', { name: /Target/ }).click();
    await page.getByRole('option', { name: 'Files in a folder for each device' }).click();
    await page.getByRole('textbox', { name: 'Quantity' }).fill('12');
    await page.getByRole('button', { name: 'Create order' }).click();
    await page.getByText('A supervisor issues them to a folder.').waitFor();
    expect(await page.getByRole('button', { name: 'Issue to a folder' }).count()).toBe(0);
  });
});

describe('when the station', () => {
  it('dies, the window says so, and so it does when it is back', async () => {
    await open('speed=1');
    await scan('KL7-2700002');
    await page.evaluate(() => window.fake.die(400));
    await page.getByText('The station stopped').waitFor();
    await page.getByText('The station was restarted').waitFor();
    await word('A1', 'Stopped');
    await page.getByRole('button', { name: 'Understood' }).click();
    await scan('KL7-2700003');
    await bay('A2').getByText('KL7-2700003').waitFor();
  });

  it('has a full disk, every screen says so until it is over', async () => {
    await open('');
    await page.evaluate(() =>
      window.fake.station.setConditions([{ kind: 'disk-full', sinceMs: 0, details: { freeMegabytes: 2 } }]),
    );
    for (const name of ['Shift', 'Settings', 'Provision']) {
      await screen(name);
      await page.getByRole('alert').getByText('The disk is full').waitFor();
    }
    await page.evaluate(() => window.fake.station.setConditions([]));
    await page.getByText('The disk is full').waitFor({ state: 'detached' });
  });

  it('is locked, a supervisor unlocks it after a wrong passphrase', async () => {
    await open('speed=30');
    await page.evaluate(() => window.fake.station.lock());
    await page.getByRole('button', { name: 'Locked' }).click();
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase').waitFor();
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('right one');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('banner').getByText('Unlocked').waitFor();
  });

  it('is a practice station, that can always be seen', async () => {
    await open('stage=no-station');
    await page.getByRole('button', { name: 'Try it first in practice mode' }).click();
    for (const name of ['Provision', 'Inventory', 'Authority']) {
      await screen(name);
      await page.getByText('Simulated devices. Nothing here is real.').waitFor();
    }
    await page.getByRole('button', { name: 'Leave practice' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave practice' }).click();
    await page.getByText('Welcome to Keyline').waitFor();
  });
});

describe('another language and theme', () => {
  it('are chosen in the settings and take hold at once', async () => {
    await open('');
    await screen('Settings');
    await page.getByText('Deutsch').click();
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    await page.getByText('Hoher Kontrast').click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'contrast');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
  });
});
