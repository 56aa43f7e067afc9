// The device families at the command line: targets, simulated devices, transcripts, and what is refused in so many words.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSecureCertImage } from '../../../core/link/esp32/image/secureCertImage.ts';
import { type CliResult, cli, type JsonLine, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';

const { world, station } = stationOfTests();
const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

/** A family's device from `keyline simulate`, until the tests end. */
async function simulate(family: string): Promise<string> {
  const running = startCli(['simulate', '--family', family, '--state', join(station.beside, 'simulated')]);
  let text = '';
  running.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  stops.push(async () => {
    running.child.kill('SIGINT');
    await running.done;
  });
  await running.seen(/simulated-device.*\n/);
  return (JSON.parse(text.split('\n')[0] ?? '') as { path: string }).path;
}

const keyline = (...args: readonly string[]): Promise<CliResult> => cli(args, { data: station.data });
const errorOf = (result: CliResult): JsonLine => result.line('error');

describe('a modem that makes its own key', () => {
  let port: string;
  beforeAll(async () => {
    port = await simulate('nrf91');
  });

  test('is tried without writing anything', async () => {
    for (let time = 0; time < 2; time += 1) {
      const tried = (await keyline('target', 'try', '--target', 'nrf91', '--port', port)).line(
        'target-tried',
      );
      expect(tried).toMatchObject({ occupied: [], custodyOffered: ['on-device', 'station-memory'] });
      expect(tried.hardwareId).toMatch(/^imei:\d{15}$/);
    }
  });

  test('is provisioned, shown with custody and checks, and its transcript is found', async () => {
    const run = await provisionWithCli(station, port, 'MODEM-1', { more: ['--target', 'nrf91'] });
    expect(run.code).toBe(0);
    expect(run.line('closed')).toMatchObject({ outcome: 'pass', custody: 'on-device' });
    const shown = await cli(['inventory', 'show', 'MODEM-1'], { data: station.data, json: false });
    expect(shown.stdout).toContain('Key custody  on device');
    expect(shown.stdout).toContain(
      'key by proof of possession; no handshake by the station: key on the device',
    );

    const found = (await keyline('transcript', 'search', 'at%keygen=')).lines();
    expect(found).toHaveLength(1);
    const { runId } = run.line('closed');
    expect(found[0]).toMatchObject({ event: 'transcript-line', runId });
    expect((await keyline('transcript', 'search', 'KEYGEN', '--device', 'MODEM-1')).lines()).toHaveLength(2);
    expect((await keyline('transcript', 'search', 'no such words')).lines()).toHaveLength(0);
    const out = join(station.beside, 'modem.log');
    expect((await keyline('transcript', 'export', 'MODEM-1', '--out', out)).code).toBe(0);
    const byRun = (await keyline('transcript', 'show', String(runId))).line('transcript');
    expect(byRun.transcript).toBe(readFileSync(out, 'utf8'));
    expect(errorOf(await keyline('transcript', 'show', 'NOBODY'))).toMatchObject({ code: 'device_unknown' });
  });

  test('cannot be restarted by a command, nor sealed: both are said before anything is written', async () => {
    for (const [more, code] of [
      [['--check-reboot'], 'capability_missing'],
      [['--seal', '--confirm-seal', 'MODEM-1'], 'capability_missing'],
    ] as const) {
      const options = ['--target', 'nrf91', '--replace', ...more];
      const run = await provisionWithCli(station, port, 'MODEM-1', { more: options });
      expect(run.line('closed')).toMatchObject({
        outcome: 'fail',
        failedPhase: 'identify',
        failure: { code },
      });
    }
    const listed = (await keyline('inventory', 'list', '--state', 'verified')).lines();
    expect(listed).toHaveLength(1);
  });

  test('is not sealed without the words that confirm it', async () => {
    const run = await provisionWithCli(station, port, 'MODEM-1', { more: ['--target', 'nrf91', '--seal'] });
    expect(run.code).toBe(2);
    expect(errorOf(run).what).toContain('--confirm-seal MODEM-1');
  });
});

test('a Zephyr board with its store in RAM is found out by --check-reboot', async () => {
  const device = await world.device(station, { backend: 'volatile' });
  const run = await provisionWithCli(station, device.path, 'RAM-1', { more: ['--check-reboot'] });
  expect(run.code).toBe(1);
  expect(run.line('closed')).toMatchObject({
    failedPhase: 'verify',
    failure: { code: 'verification_mismatch' },
  });
});

describe('target files', () => {
  test('are made from a template, checked with lines, and used by path', async () => {
    const path = join(station.beside, 'our-board.json');
    expect((await keyline('target', 'new', 'our-board', '--from', 'micropython', '--out', path)).code).toBe(
      0,
    );
    expect(
      errorOf(await keyline('target', 'new', 'our-board', '--from', 'micropython', '--out', path)).code,
    ).toBe('usage');
    expect((await keyline('target', 'check', path)).line('target-checked')).toMatchObject({
      name: 'our-board',
    });
    const port = await simulate('micropython');
    const run = await provisionWithCli(station, port, 'OUR-1', { more: ['--target', path] });
    expect(run.line('closed')).toMatchObject({ outcome: 'pass', custody: 'station-memory' });

    const right = readFileSync(path, 'utf8');
    writeFileSync(path, right.replace('"driver"', '"colour": "red",\n  "driver"'));
    const checked = await keyline('target', 'check', path);
    expect(checked.code).toBe(2);
    expect(checked.line('target-mistake')).toMatchObject({
      line: 5,
      field: 'colour',
      reason: 'unknown field',
    });
    const refused = await provisionWithCli(station, port, 'OUR-2', { more: ['--target', path] });
    expect(errorOf(refused)).toMatchObject({ code: 'target_invalid' });
    expect(errorOf(await keyline('order', 'create', 'WO-1', '--quantity', '1', '--target', path)).code).toBe(
      'usage',
    );
  });

  test('need something to begin with, and a name', async () => {
    const path = join(station.beside, 'none.json');
    expect(errorOf(await keyline('target', 'new', 'x', '--out', path)).code).toBe('usage');
    expect(errorOf(await keyline('target', 'new', 'x', '--from', 'nokia', '--out', path)).code).toBe(
      'target_unknown',
    );
    expect(errorOf(await keyline('target', 'new', 'X y', '--from', 'nrf91', '--out', path)).code).toBe(
      'value_invalid',
    );
    expect(existsSync(path)).toBe(false);
  });

  test('are listed with custody and strength of check', async () => {
    const listed = (await keyline('target', 'list')).lines();
    expect(listed.find(({ name }) => name === 'freertos-pki')).toMatchObject({
      custody: ['on-device'],
      certificates: 'read-back',
      key: 'proof-of-possession',
    });
  });
});

test('an ESP32 partition is made for a gang programmer, and holds the certificate on record', async () => {
  const out = join(station.beside, 'for-gang-programmer');
  const asked = ['--target', 'esp32-image'];
  const refused = await provisionWithCli(station, out, 'GANG-1', { more: asked });
  expect(refused.code).toBe(2);
  expect(errorOf(refused).what).toContain('--key-on-disk');
  expect(existsSync(out)).toBe(false);

  const more = [...asked, '--key-on-disk'];
  const run = await provisionWithCli(station, out, 'GANG-1', { more });
  expect(run.line('closed')).toMatchObject({ outcome: 'pass', custody: 'file' });
  const image = readFileSync(join(out, 'GANG-1', 'credential.bin'));
  expect(image).toHaveLength(0x2000);
  const [ca, certificate, key] = readSecureCertImage(image).map(({ data }) => Buffer.from(data));
  const leaf = new X509Certificate(certificate ?? '');
  const root = new X509Certificate(ca ?? '');
  expect(root.verify(root.publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey((key ?? Buffer.alloc(0)).subarray(0, -1)))).toBe(true);
  const shown = (await keyline('inventory', 'show', 'GANG-1')).stdout.toLowerCase();
  expect(shown).toContain(leaf.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(readFileSync(join(out, 'GANG-1', 'credential.txt'), 'utf8')).toBe(
    'Partition esp_secure_cert, 0x2000 bytes: esptool write-flash 0xd000 credential.bin\n',
  );

  // The same unit again is a recall in the making.
  const again = await provisionWithCli(station, out, 'GANG-1', { more });
  expect(again.line('closed')).toMatchObject({ failure: { code: 'already_provisioned' } });
  expect(readFileSync(join(out, 'GANG-1', 'credential.bin')).equals(image)).toBe(true);
  expect((await keyline('target', 'list')).lines().find(({ name }) => name === 'esp32-image')).toMatchObject({
    custody: ['file'],
    key: 'read-back',
  });
});

test('a key on this disk is an explicit choice, in a folder for each device', async () => {
  const out = join(station.beside, 'for-other-tools');
  const refused = await provisionWithCli(station, out, 'FILE/1', { more: ['--target', 'files'] });
  expect(refused.code).toBe(2);
  expect(errorOf(refused).what).toContain('--key-on-disk');
  expect(existsSync(out)).toBe(false);
  const run = await provisionWithCli(station, out, 'FILE/1', {
    more: ['--target', 'files', '--key-on-disk'],
  });
  expect(run.line('closed')).toMatchObject({ outcome: 'pass', custody: 'file' });
  expect(readFileSync(join(out, 'FILE%2f1', 'key.pem'), 'latin1')).toContain('PRIVATE KEY');

  const target = join(station.beside, 'p12.json');
  writeFileSync(
    target,
    JSON.stringify({
      name: 'p12',
      version: 1,
      title: 'P12',
      driver: 'files',
      options: { formats: ['pkcs12'] },
    }),
  );
  const more = ['--target', target, '--key-on-disk'];
  const none = await provisionWithCli(station, out, 'P12-1', { more });
  // Before anything is begun, and with the way to give it.
  expect(none.code).toBe(2);
  expect(errorOf(none).what).toContain('KEYLINE_FILE_PASSPHRASE');
  const env = { KEYLINE_FILE_PASSPHRASE: 'four unrelated words here' };
  expect((await provisionWithCli(station, out, 'P12-1', { more, env })).line('closed')).toMatchObject({
    outcome: 'pass',
  });
  expect(existsSync(join(out, 'P12-1', 'credential.p12'))).toBe(true);
});
