import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nrf91Driver } from '../../../core/link/nrf91/nrf91Driver.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { AtHost, type AtHostOptions, defaultAtHost } from '../../../core/simulator/nrf91/atHost.ts';
import { AtShell, type AtShellOptions, defaultAtShell } from '../../../core/simulator/nrf91/atShell.ts';
import { defaultModem, Modem, type ModemOptions } from '../../../core/simulator/nrf91/modem.ts';
import {
  bareTarget,
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';

const TAG = 16_842_753;
const target = (options: Record<string, unknown> = {}) => bareTarget('nrf91', 400, options);
const atHost =
  (modem: Modem, options: Partial<AtHostOptions> = {}): MakeLineDevice =>
  (send) =>
    new AtHost(modem, { ...defaultAtHost, ...options }, send);
const atShell =
  (modem: Modem, options: Partial<AtShellOptions> = {}): MakeLineDevice =>
  (send) =>
    new AtShell(modem, { ...defaultAtShell, ...options }, send);
const modemOf = (options: Partial<ModemOptions> = {}) => new Modem({ ...defaultModem, ...options });
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const pem = (der: Uint8Array, lineEnd: string) =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`.replaceAll('\n', lineEnd);

const authority = leafAuthority();

describe('nRF91 over a pseudo-terminal', () => {
  it('makes the key in the modem, certifies its request and proves all of it', async () => {
    const modem = modemOf();
    const { portPath, unplug } = await plugIn(atHost(modem));
    const session = await openOnPort(nrf91Driver, target(), portPath);
    try {
      const result = await runCycle(session, authority());
      expect(result.custody).toBe('on-device');
      expect(result.identity).toMatchObject({
        hardwareId: 'imei:352656100367872',
        hardwareIdSource: 'silicon',
        firmware: 'mfw_nrf91x1_2.0.2',
        occupied: [],
        custodyOffered: ['on-device', 'station-memory'],
        capabilities: { frontEnd: 'at-host', modemUuid: defaultModem.deviceUuid, pemLineEnd: 'lf' },
      });
      expect(result.verifications.map(({ item, check }) => [item, check])).toEqual([
        ['ca', 'device-digest'],
        ['certificate', 'device-digest'],
        ['privateKey', 'proof-of-possession'],
      ]);
      expect(modem.digests.get(`${TAG},0`)).toBe(sha256(pem(authority().caDer, '\n')));
      expect(modem.digests.get(`${TAG},1`)).toBe(sha256(pem(result.certificateDer, '\n')));
      expect(sha256(modem.madeKey(TAG) ?? '')).toBe(result.verifications[2]?.expectedSha256);
    } finally {
      await session.close();
      unplug();
    }
    expect(modem.execute('AT+CFUN?')).toContain('+CFUN: 1');
  });

  it('goes through the AT shell, past its small ring and its wrapped echo', async () => {
    const modem = modemOf();
    const { portPath, unplug } = await plugIn(atShell(modem));
    const session = await openOnPort(nrf91Driver, target({ shellLineLimitBytes: 2_047 }), portPath);
    try {
      const result = await runCycle(session, authority());
      expect(result.identity.capabilities).toMatchObject({ frontEnd: 'at-shell', pemLineEnd: 'crlf' });
      expect(modem.digests.get(`${TAG},1`)).toBe(sha256(pem(result.certificateDer, '\r\n')));
    } finally {
      await session.close();
      unplug();
    }
  });
});

describe('nRF91', () => {
  const open = (
    modem: Modem,
    options = {},
    host: Partial<AtHostOptions> = {},
    transcript = new Transcript(),
  ) => openInMemory(nrf91Driver, target(options), memoryPipe(atHost(modem, host)).pipe, { transcript });

  it('takes a request with the NULL parameter from old firmware, with CR LF inside the PEM', async () => {
    const modem = modemOf({
      firmware: 'mfw_nrf9160_1.3.2',
      contentLineEnd: 'crlf',
      keygenForm: { ...defaultModem.keygenForm, nullParameter: true },
    });
    const result = await runCycle(await open(modem), authority());
    expect(result.custody).toBe('on-device');
    expect(modem.digests.get(`${TAG},1`)).toBe(sha256(pem(result.certificateDer, '\r\n')));
  });

  it('writes a key made at the station where the firmware cannot make one, and shows it nowhere', async () => {
    const modem = modemOf({ firmware: 'mfw_nrf9160_1.2.8' });
    const transcript = new Transcript();
    const result = await runCycle(await open(modem, {}, {}, transcript), authority());
    expect(result.custody).toBe('station-memory');
    expect(result.verifications.map(({ check }) => check)).toEqual([
      'device-digest',
      'device-digest',
      'device-digest',
    ]);
    const secret = result.privateKeyText ?? '';
    expect(secret.length).toBeGreaterThan(100);
    for (let start = 0; start + 12 <= secret.length; start += 4) {
      expect(transcript.text).not.toContain(secret.slice(start, start + 12));
    }
    expect(transcript.text).toContain('AT%CMNG=0,16842753,2');
  });

  it('does not touch an occupied slot unless told to', async () => {
    const modem = modemOf();
    await runCycle(await open(modem), authority());
    const before = new Map(modem.digests);
    const session = await open(modem);
    const identity = await session.identify();
    expect(identity.occupied.map(({ item }) => item)).toEqual(['ca', 'certificate', 'privateKey']);
    const refused = await failure(session.generateKey?.('P-256', { replace: false }) ?? Promise.resolve());
    expect(refused.code).toBe('slot_taken');
    expect(modem.digests).toEqual(before);
    const result = await runCycle(session, authority(), { replace: true });
    expect(result.verifications).toHaveLength(3);
    expect(modem.digests).not.toEqual(before);
  });

  it.each([
    [
      'a sagging supply',
      { supplyWarning: true },
      {},
      'device_refused',
      { cmeCode: 528, meaning: 'supply-voltage' },
    ],
    [
      'line ends it refuses',
      { contentLineEnd: 'crlf' },
      {},
      'device_refused',
      { cmeCode: 527, lineEnd: 'lf' },
    ],
    ['a full store', { capacity: 2 }, {}, 'device_store_full', {}],
    [
      'a key it does not tell about',
      { keygenReplyLost: true },
      {},
      'device_answer_invalid',
      { reason: 'empty' },
    ],
    [
      'a command that is too long',
      {},
      { commandSizeBytes: 512 },
      'credential_too_large',
      { limitBytes: 511 },
    ],
  ] as const)('says what is wrong: %s', async (_, modem, options, code, details) => {
    const error = await failure(runCycle(await open(modemOf(modem), options), authority()));
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject(details);
  });

  it('frees an at_host that was left inside an open quote', async () => {
    const { pipe } = memoryPipe(atHost(modemOf()));
    pipe.write(Buffer.from('AT%CMNG=0,1,0,"half a cert'));
    const session = await openInMemory(nrf91Driver, target(), pipe);
    expect((await session.identify()).hardwareId).toBe('imei:352656100367872');
  });

  it('stops when the board was swapped between identify and install, and between install and verify', async () => {
    for (const moment of ['install', 'verify'] as const) {
      const { pipe, device } = memoryPipe(atHost(modemOf()));
      const session = await openInMemory(nrf91Driver, target(), pipe);
      await session.identify();
      const key = await session.generateKey?.('P-256', { replace: true });
      const leaf = await authority().certify(key?.publicKeySpki ?? new Uint8Array(0));
      const plan = session.plan({ caDer: authority().caDer, chainDer: [leaf], privateKeyPkcs8: undefined });
      if (moment === 'verify') await session.install(plan, { replace: true, onProgress: () => {} });
      device.swap();
      const next =
        moment === 'install'
          ? session.install(plan, { replace: true, onProgress: () => {} })
          : session.verify(plan);
      expect((await failure(next)).code).toBe('device_changed');
    }
  });

  it('notices a certificate that names another key than the modem made', async () => {
    const session = await open(modemOf());
    await session.identify();
    await session.generateKey?.('P-256', { replace: true });
    const other = await authority().makeKey();
    const leaf = await authority().certify(other.publicKeySpki);
    expect(() =>
      session.plan({ caDer: authority().caDer, chainDer: [leaf], privateKeyPkcs8: undefined }),
    ).toThrow(/certificate_check_failed/);
  });

  it('notices content that changed in the store', async () => {
    const modem = modemOf();
    const session = await open(modem);
    const key = await session.generateKey?.('P-256', { replace: true });
    const leaf = await authority().certify(key?.publicKeySpki ?? new Uint8Array(0));
    const plan = session.plan({ caDer: authority().caDer, chainDer: [leaf], privateKeyPkcs8: undefined });
    await session.install(plan, { replace: true, onProgress: () => {} });
    modem.execute('AT+CFUN=4');
    modem.execute(`AT%CMNG=3,${TAG},0`);
    modem.execute(`AT%CMNG=0,${TAG},0,"${pem(leaf, '\n')}"`);
    expect((await failure(session.verify(plan))).code).toBe('verification_mismatch');
  });

  it('refuses a target whose options are not its own', () => {
    expect(() => nrf91Driver.checkTarget(target({ securityTag: 2_147_483_648 }))).toThrow(
      /options.securityTag/,
    );
    expect(() => nrf91Driver.checkTarget(target({ terminater: 'cr' }))).toThrow(/target_invalid/);
  });
});
