import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { parseTarget } from '../../../core/domain/target.ts';
import type { Driver } from '../../../core/link/driver.ts';
import { createLink, driverFor } from '../../../core/link/driverRegistry.ts';
import { scriptedTransport } from '../../../core/link/scriptedTransport.ts';
import { loadTargets } from '../../../core/link/targetStore.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';

const target = { name: 'board', version: 1, title: 'Board', driver: 'zephyr' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-targets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

describe('targets of a folder', () => {
  test('are found by name', () => {
    write('b.json', target);
    write('a.json', { ...target, name: 'other' });
    write('readme.txt', 'not a target');
    const store = loadTargets(folder, [zephyrDriver]);
    expect(store.targets.map(({ name }) => name)).toEqual(['other', 'board']);
    expect(store.target('board').timeouts.answerMs).toBe(3_000);
    expect(() => store.target('bord')).toThrow(
      expect.objectContaining({ code: 'target_unknown', details: { name: 'bord', known: 'other, board' } }),
    );
  });

  test.each([
    ['{ not json', /./],
    [{ ...target, version: 0 }, /version/],
    [{ ...target, driver: 'zepyr' }, /driver: unknown "zepyr"; known: zephyr/],
    [{ ...target, options: { securityTag: 'x' } }, /options\.securityTag/],
  ])('that are wrong are refused with the file and the field', (content, reason) => {
    write('bad.json', content);
    expect(() => loadTargets(folder, [zephyrDriver])).toThrow(
      expect.objectContaining({
        code: 'target_invalid',
        details: expect.objectContaining({ reason: expect.stringMatching(reason) }),
      }),
    );
  });

  test('may not share a name', () => {
    write('a.json', target);
    write('b.json', target);
    expect(() => loadTargets(folder)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ source: 'b.json' }) }),
    );
  });
});

describe('a link', () => {
  const request = {
    portPath: 'x',
    target: parseTarget({ ...target, timeouts: { answerMs: 60 } }, 'test'),
    transcript: { write: () => {} },
    signal: new AbortController().signal,
  };

  test('closes the port when the driver finds nothing to talk to', async () => {
    const transport = scriptedTransport();
    const link = createLink({ drivers: [zephyrDriver], openTransport: async () => transport });
    await expect(link.open(request)).rejects.toMatchObject({ code: 'device_silent' });
    expect(await transport.closed).toBe('here');
  });

  test('refuses a target before it touches the port', async () => {
    const link = createLink({
      drivers: [zephyrDriver],
      openTransport: async () => {
        throw new StationError('port_missing', {});
      },
    });
    const wrong = parseTarget({ ...target, options: { windowBytes: 1 } }, 'test');
    await expect(link.open({ ...request, target: wrong })).rejects.toMatchObject({ code: 'target_invalid' });
    await expect(link.open(request)).rejects.toMatchObject({ code: 'port_missing' });
    expect(driverFor([zephyrDriver], request.target)).toBe(zephyrDriver);
  });

  test('shows nothing of a device that a terminal would obey or a record could not hold', async () => {
    const talkative: Driver = {
      ...zephyrDriver,
      open: async () => ({
        ...({} as DeviceSession),
        close: async () => {},
        identify: async () => ({
          hardwareId: undefined,
          hardwareIdSource: 'none',
          firmware: `\x1b[2J${'x'.repeat(10_000)}`,
          capabilities: { model: '\x07\r\n', parts: Array(1_000).fill('\x1b'), nested: { name: '\x00' } },
          occupied: [],
          custodyOffered: ['station-memory'],
        }),
      }),
    };
    const link = createLink({ drivers: [talkative], openTransport: async () => scriptedTransport() });
    const session = await link.open(request);
    const { firmware, capabilities } = await session.identify();
    await session.close();
    const told = JSON.stringify({ firmware, capabilities });
    expect(told).toMatch(/^[\x20-\x7e…]*$/);
    expect(told.length).toBeLessThan(1_500);
    expect(firmware).toMatch(/^\\u\{1b\}\[2Jx{116}… \(10004 characters\)$/);
  });
});
