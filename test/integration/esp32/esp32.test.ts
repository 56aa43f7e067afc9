import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { buildCredentialImage } from '../../../core/link/esp32/credentialImage.ts';
import { esp32Driver } from '../../../core/link/esp32/esp32Driver.ts';
import { readSecureCertImage } from '../../../core/link/esp32/image/secureCertImage.ts';
import { parseEsp32Options } from '../../../core/link/esp32/options.ts';
import { memoryTransport, type Transport } from '../../../core/link/transport.ts';
import { Chip, type ChipOptions, defaultChip } from '../../../core/simulator/esp32/chip.ts';
import { partitionTable } from '../../../core/simulator/esp32/partitionTable.ts';
import { withLineRate } from '../../../core/simulator/line/lineRate.ts';
import {
  bareTarget,
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  remembering,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';

const target = (options: Record<string, unknown> = {}, answerMs = 4_000) =>
  bareTarget('esp32', answerMs, options);

/** A chip and the way to look into its flash. */
function board(options: Partial<ChipOptions> = {}) {
  const { make, made } = remembering((send) => new Chip({ ...defaultChip, ...options }, send));
  return { make, chip: made };
}

const authority = leafAuthority();

describe('ESP32 through esptool-js on a pseudo-terminal', () => {
  it.each(['ESP32', 'ESP32-C3'] as const)(
    '%s: writes the partition, digests it and reads it back',
    async (model) => {
      const { make, chip } = board({ model });
      const { portPath, unplug } = await plugIn(make);
      const transcript = new Transcript();
      const session = await openOnPort(esp32Driver, target({ chip: model }), portPath, { transcript });
      try {
        const result = await runCycle(session, authority());
        expect(result.identity).toMatchObject({
          hardwareId: 'mac:24:6f:28:01:02:03',
          hardwareIdSource: 'silicon',
          occupied: [],
          custodyOffered: ['station-memory'],
          capabilities: { chip: model, partitionOffset: 0xd000, partitionSizeBytes: 0x2000 },
        });
        expect(result.verifications.map(({ item, check }) => [item, check])).toEqual([
          ['ca', 'read-back'],
          ['certificate', 'read-back'],
          ['privateKey', 'read-back'],
        ]);
        const partition = chip().flash.read(0xd000, 0x2000);
        const entries = readSecureCertImage(partition);
        expect(entries.map(({ type }) => type)).toEqual([0, 1, 2, 9]);
        const digests = entries.map(({ data }) => createHash('sha256').update(data).digest('hex'));
        expect(digests.slice(0, 3)).toEqual(result.verifications.map(({ actualSha256 }) => actualSha256));
        expect(Buffer.from(chip().flash.read(0x8000, 0x100))).toEqual(
          Buffer.concat([partitionTable(defaultChip.partitions), Buffer.alloc(0x100, 0xff)]).subarray(
            0,
            0x100,
          ),
        );
        expect(transcript.text).not.toContain((result.privateKeyText ?? 'x').slice(60, 80));
      } finally {
        await session.close();
        unplug();
      }
    },
  );

  it.each([115_200, 921_600])(
    'passes at %i baud, the boot log of its firmware between all frames',
    async (baudRate) => {
      const bootLog = Buffer.from(
        'ets Jul 29 2019 12:21:46\r\nI (31) boot: ESP-IDF v5.4 \xdb\xc0\r\n',
        'latin1',
      );
      const { make, chip } = board();
      let banners = 0;
      const chatty = (send: (bytes: Uint8Array) => void) =>
        make((bytes) => {
          // Not between every two: some hosts would find their rhythm.
          if (banners++ % 3 === 0) send(bootLog);
          send(bytes);
        });
      const { portPath, unplug } = await plugIn(withLineRate(chatty, baudRate));
      const fast = { ...target(), line: { ...target().line, baudRate } };
      const session = await openOnPort(esp32Driver, fast, portPath);
      try {
        const result = await runCycle(session, authority());
        expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('read-back'));
        const stored = readSecureCertImage(chip().flash.read(0xd000, 0x2000));
        const held = Buffer.from(stored.find(({ type }) => type === 1)?.data ?? []).toString('latin1');
        expect(Buffer.from(held.replace(/-----[^-]+-----|\s|\0/g, ''), 'base64')).toEqual(
          Buffer.from(result.certificateDer),
        );
        expect(banners).toBeGreaterThan(20);
      } finally {
        await session.close();
        unplug();
      }
    },
  );

  it('leaves nothing of a longer credential that stood there before', async () => {
    const { make, chip } = board();
    const { portPath, unplug } = await plugIn(make);
    const session = await openOnPort(esp32Driver, target(), portPath);
    chip().flash.write(0xd000 + 0x1800, Buffer.from('OLD KEY MATERIAL'));
    const result = await runCycle(session, authority());
    expect(result.identity.occupied.map(({ sha256 }) => sha256)).toEqual([undefined, undefined, undefined]);
    expect(Buffer.from(chip().flash.bytes).includes('OLD KEY')).toBe(false);
    await session.close();
    unplug();
  });

  it('notices at once that the cable was pulled, in the middle of writing', async () => {
    const { make } = board();
    const { portPath, unplug } = await plugIn(make);
    const session = await openOnPort(esp32Driver, target(), portPath);
    await session.identify();
    const key = await authority().makeKey();
    const leaf = await authority().certify(key.publicKeySpki);
    const plan = session.plan({
      caDer: authority().caDer,
      chainDer: [leaf],
      privateKeyPkcs8: key.privateKeyPkcs8,
    });
    const error = await failure(session.install(plan, { replace: true, onProgress: () => unplug() }));
    // esptool-js alone would wait its retries out and then blame the flash.
    expect(error.code).toBe('device_gone');
    await session.close();
  });

  it('finds another device than a loader, and nothing at all', async () => {
    const { make } = board({ bootsApplication: true });
    const { portPath, unplug } = await plugIn(make);
    const talking = await failure(openOnPort(esp32Driver, target({ connectAttempts: 1 }), portPath));
    expect(['device_protocol_unknown', 'device_silent']).toContain(talking.code);
    unplug();
    const silent = await plugIn(() => ({ receive() {}, reboot() {}, swap() {}, powerOff() {} }));
    const error = await failure(openOnPort(esp32Driver, target({ connectAttempts: 1 }), silent.portPath));
    expect(error.code).toBe('device_silent');
    silent.unplug();
  });
});

describe('ESP32', () => {
  const install = async (session: DeviceSession) => {
    const identity = await session.identify();
    const key = await authority().makeKey();
    const leaf = await authority().certify(key.publicKeySpki);
    const plan = session.plan({
      caDer: authority().caDer,
      chainDer: [leaf],
      privateKeyPkcs8: key.privateKeyPkcs8,
    });
    const evidence = await session.install(plan, { replace: true, onProgress: () => {} });
    return { identity, plan, evidence };
  };

  it('writes an NVS partition of its own', async () => {
    const { make, chip } = board();
    const session = await openInMemory(
      esp32Driver,
      target({ format: 'nvs', partition: 'fctry' }),
      memoryPipe(make).pipe,
    );
    const result = await runCycle(session, authority());
    expect(result.identity.capabilities).toMatchObject({ partition: 'fctry', partitionOffset: 0x16000 });
    expect(result.verifications).toHaveLength(3);
    const page = Buffer.from(chip().flash.read(0x16000, 0x1000));
    expect(page.includes('tls\0')).toBe(true);
    expect(page.includes('-----BEGIN EC PRIVATE KEY-----')).toBe(true);
    // Found again as what it is, not only as something.
    const digests = result.verifications.map(({ item, actualSha256 }) => ({ item, sha256: actualSha256 }));
    expect((await session.identify()).occupied).toEqual(digests);
    chip().flash.write(0x16000 + 0x80, Uint8Array.of(0));
    const torn = (await session.identify()).occupied;
    expect(torn.map(({ sha256 }) => sha256)).toEqual([undefined, undefined, undefined]);
    await session.close();
  });

  it('tries a failed write once more from a fresh connection', async () => {
    const { make } = board({ failingWrites: [1, 2, 3] });
    const session = await openInMemory(esp32Driver, target(), memoryPipe(make).pipe);
    const { plan, evidence } = await install(session);
    expect(evidence).toMatchObject({ attempts: 2 });
    expect(await session.verify(plan)).toHaveLength(3);
    await session.close();
  });

  it('gives up after the second failure and says where', async () => {
    const { make } = board({ failingWrites: [1, 2, 3, 4, 5, 6] });
    const session = await openInMemory(esp32Driver, target(), memoryPipe(make).pipe);
    const error = await failure(install(session));
    expect(error.code).toBe('device_answer_invalid');
    expect(error.details).toMatchObject({ what: 'loader', step: 'write flash' });
    await session.close();
  });

  it('sees what came to stand there after it had looked', async () => {
    const { make, chip } = board();
    const session = await openInMemory(esp32Driver, target(), memoryPipe(make).pipe);
    const write = () => chip().flash.write(0xd000, Uint8Array.of(0));
    const error = await failure(runCycle(session, authority(), { replace: false, beforeInstall: write }));
    expect(error.code).toBe('slot_taken');
    expect(
      chip()
        .flash.read(0xd001, 0x1fff)
        .every((byte) => byte === 0xff),
    ).toBe(true);
    await session.close();
  });

  it('finds a changed byte, and a swapped board', async () => {
    const { make, chip } = board();
    const { pipe, device } = memoryPipe(make);
    const session = await openInMemory(esp32Driver, target(), pipe);
    const { plan } = await install(session);
    chip().flash.write(0xd000 + 0x100, Uint8Array.of(0));
    expect((await failure(session.verify(plan))).code).toBe('verification_mismatch');
    device.swap();
    expect((await failure(session.verify(plan))).code).toBe('device_changed');
    await session.close();
  });

  it.each([
    ['Secure Download Mode', { model: 'ESP32-C3', secureDownloadMode: true }, 'secure-download-mode'],
    ['flash encryption', { flashEncryption: true }, 'flash-encryption'],
    ['flash encryption of a C3', { model: 'ESP32-C3', flashEncryption: true }, 'flash-encryption'],
  ] as const)('recognises %s and writes nothing', async (_, options, reason) => {
    const { make, chip } = board(options);
    const open = async () => (await openInMemory(esp32Driver, target(), memoryPipe(make).pipe)).identify();
    const error = await failure(open());
    expect(error.code).toBe('capability_missing');
    expect(error.details.reason).toBe(reason);
    expect(
      chip()
        .flash.read(0xd000, 0x2000)
        .every((byte) => byte === 0xff),
    ).toBe(true);
  });

  it('names the partitions there are when the credential has none', async () => {
    const { make } = board({
      partitions: defaultChip.partitions.filter(({ name }) => name !== 'esp_secure_cert'),
    });
    const session = await openInMemory(esp32Driver, target(), memoryPipe(make).pipe);
    const error = await failure(session.identify());
    expect(error.details).toMatchObject({
      capability: 'partition esp_secure_cert',
      present: 'nvs, fctry, factory',
    });
    await session.close();
  });

  it('pulls EN and IO0 through RTS and DTR where it can, and starts the firmware at the end', async () => {
    const { make } = board();
    const levels: string[] = [];
    const memory = memoryTransport(memoryPipe(make).pipe);
    const transport: Transport = {
      ...memory,
      control: {
        setSignals: async ({ dtr, rts }) => {
          levels.push(`${dtr ? 'D' : 'd'}${rts ? 'R' : 'r'}`);
        },
        setBaudRate: async () => {},
      },
    };
    const link = createLink({ drivers: [esp32Driver], openTransport: async () => transport });
    const signal = new AbortController().signal;
    const session = await link.open({
      portPath: 'x',
      target: target(),
      transcript: new Transcript(),
      signal,
    });
    // EN low, then IO0 low as EN rises, then both free (esptool's classic reset).
    expect(levels).toEqual(['dr', 'dR', 'Dr', 'dr']);
    levels.length = 0;
    await session.close();
    expect(levels[0]?.[0]).toBe('d');
    expect(levels.some((level) => level === 'dR')).toBe(true);
    expect(levels.at(-1)).toBe('dr');
  });

  it('stops within the abort, not after it', async () => {
    const controller = new AbortController();
    const { make } = board();
    const session = await openInMemory(esp32Driver, target(), memoryPipe(make).pipe, {
      signal: controller.signal,
    });
    await session.identify();
    const key = await authority().makeKey();
    const leaf = await authority().certify(key.publicKeySpki);
    const plan = session.plan({
      caDer: authority().caDer,
      chainDer: [leaf],
      privateKeyPkcs8: key.privateKeyPkcs8,
    });
    const work = session.install(plan, { replace: true, onProgress: () => controller.abort() });
    expect((await failure(work)).code).toBe('interrupted');
    await session.close();
  });

  it('makes the same image without a board, for a gang programmer', async () => {
    const { make, chip } = board();
    const session = await openInMemory(esp32Driver, target({ encoding: 'der' }), memoryPipe(make).pipe);
    await session.identify();
    const key = await authority().makeKey();
    const copy = new Secret(key.privateKeyPkcs8.use((bytes) => Uint8Array.from(bytes)));
    const leaf = await authority().certify(key.publicKeySpki);
    const material = { caDer: authority().caDer, chainDer: [leaf], privateKeyPkcs8: key.privateKeyPkcs8 };
    await session.install(session.plan(material), { replace: true, onProgress: () => {} });
    const { image } = buildCredentialImage(
      { ...material, privateKeyPkcs8: copy },
      parseEsp32Options(target({ encoding: 'der' })),
      0x2000,
    );
    expect(Buffer.from(chip().flash.read(0xd000, 0x2000)).equals(image)).toBe(true);
    await session.close();
  });

  it('refuses a target whose options do not go together', () => {
    expect(() => esp32Driver.checkTarget(target({ format: 'nvs', encoding: 'der' }))).toThrow(
      /options.nvs.type/,
    );
    expect(() => esp32Driver.checkTarget(target({ partition: '' }))).toThrow(/options.partition/);
  });
});
