import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { memoryTransport } from '../../../core/link/transport.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';
import { openInProcess } from '../../../core/simulator/host/inProcess.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';
import type { LinkPort } from '../../../core/station/ports/link.ts';
import {
  type Bench,
  type BenchOptions,
  install,
  newMaterial,
  openInMemory,
  serialLink,
  zephyrTarget,
} from './linkBench.ts';

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  }
  return 'none';
};

async function withDevice(options: BenchOptions, use: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await openInMemory(options);
  try {
    await use(bench);
  } finally {
    await bench.close();
  }
}

test('the link is the port that the station expects', () => {
  const port: LinkPort = serialLink;
  expect(port.open).toBeTypeOf('function');
});

describe('identify', () => {
  test('tells who the device is, what it can do and that it is blank', async () => {
    await withDevice({ device: { hardwareId: '0011223344556677' } }, async ({ session }) => {
      const identity = await session.identify();
      expect(identity).toMatchObject({
        hardwareId: '0011223344556677',
        hardwareIdSource: 'silicon',
        firmware: 'Zephyr 4.3.0',
        occupied: [],
        custodyOffered: ['station-memory'],
        capabilities: {
          digest: null,
          bufLoad: true,
          echo: true,
          lineLimitBytes: 255,
          bufferSizeBytes: 1_024,
        },
      });
      expect(await session.identify()).toEqual(identity);
    });
  });

  test('falls back to the USB serial number', async () => {
    await withDevice({ device: { hwinfo: false }, usbSerialNumber: 'ABC123' }, async ({ session }) => {
      expect(await session.identify()).toMatchObject({
        hardwareId: 'ABC123',
        hardwareIdSource: 'usb-serial-number',
      });
    });
    await withDevice({ device: { hwinfo: false } }, async ({ session }) => {
      expect(await session.identify()).toMatchObject({ hardwareId: undefined, hardwareIdSource: 'none' });
    });
  });

  test('shows the digests of what is already there', async () => {
    await withDevice({}, async ({ session }) => {
      const { plan } = await install(session);
      const { occupied, capabilities } = await session.identify();
      expect(Object.fromEntries(occupied.map(({ item, sha256 }) => [item, sha256]))).toEqual(
        plan.storedDigests,
      );
      expect(capabilities).toMatchObject({ digest: true, credentialsStored: 3 });
    });
  });

  test('measures a shorter line and a smaller buffer than the target says', async () => {
    await withDevice({ device: { build: 'minimal' } }, async ({ session }) => {
      expect((await session.identify()).capabilities).toMatchObject({ lineLimitBytes: 127 });
    });
    const target = zephyrTarget({ credentialBufferSizeBytes: 4_096, measureCredentialBuffer: true });
    await withDevice({ target }, async ({ session }) => {
      const { capabilities } = await session.identify();
      expect(Number(capabilities.bufferSizeBytes)).toBeLessThanOrEqual(1_024);
      expect(Number(capabilities.bufferSizeBytes)).toBeGreaterThan(700);
    });
  });
});

describe('what answers is not what the target says', () => {
  test.each([
    ['device_silent', { faults: { silent: true } }],
    ['device_protocol_unknown', { faults: { otherProtocol: true } }],
    ['device_login_required', { loginPassword: 'secret' }],
  ] as const)('%s', async (expected, device) => {
    expect(await code(openInMemory({ device, target: zephyrTarget({}, 400) }))).toBe(expected);
  });
});

describe('install and verify', () => {
  const formats = [
    {},
    { format: 'pem' },
    { format: 'pem', privateKeyEncoding: 'sec1', securityTag: 2_147_483_647 },
    { privateKeyEncoding: 'sec1', securityTag: 0 },
  ];
  test.each(formats)('with %j', async (options) => {
    await withDevice({ target: zephyrTarget(options) }, async ({ session }) => {
      const { plan, evidence } = await install(session);
      const verifications = await session.verify(plan);
      expect(verifications.map(({ item, check }) => [item, check])).toEqual([
        ['privateKey', 'device-digest'],
        ['certificate', 'device-digest'],
        ['ca', 'device-digest'],
      ]);
      expect(evidence).toMatchObject({ kept: [], ringOverflowWarnings: 0 });
    });
  });

  test('a chain as PEM text, quoted line by line, where its base64 does not fit', async () => {
    const target = zephyrTarget({ chain: 'leaf+issuing', credentialBufferSizeBytes: 1_600 });
    await withDevice({ device: { build: 'big' }, target }, async ({ session }) => {
      const { plan } = await install(session);
      expect(plan.summary).toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ item: 'certificate', format: 'strt' })]),
      });
      await expect(session.verify(plan)).resolves.toHaveLength(3);
    });
  });

  const builds = ['default', 'polled', 'minimal', 'immediate', 'big', 'no-digest'] as const;
  const circumstances = [
    {},
    { noiseIntervalMs: 20 },
    { echo: false },
    { prompt: 'my-board $ ' },
    { echo: false, noiseIntervalMs: 30 },
  ];
  test.each(builds.flatMap((build) => circumstances.map((circumstance) => ({ build, ...circumstance }))))(
    'on %j',
    async (device) => {
      await withDevice({ device }, async ({ session }) => {
        await session.identify();
        const { plan } = await install(session);
        const checks = new Set((await session.verify(plan)).map(({ check }) => check));
        expect([...checks]).toEqual([device.build === 'no-digest' ? 'read-back' : 'device-digest']);
      });
    },
  );

  test('reports progress up to the whole', async () => {
    await withDevice({}, async ({ session }) => {
      const plan = session.plan(newMaterial());
      const progress: number[] = [];
      await session.install(plan, {
        replace: false,
        onProgress: ({ sentBytes, totalBytes }) => progress.push(sentBytes / totalBytes),
      });
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(progress.at(-1)).toBe(1);
    });
  });

  test('a digest that differs is a mismatch', async () => {
    await withDevice({ device: { faults: { corruptDigest: true } } }, async ({ session }) => {
      const { plan } = await install(session);
      await expect(session.verify(plan)).rejects.toMatchObject({
        code: 'verification_mismatch',
        details: {
          item: 'privateKey',
          check: 'device-digest',
          expectedSha256: plan.storedDigests.privateKey,
        },
      });
    });
  });

  test('something that is not there is a mismatch', async () => {
    await withDevice({}, async ({ session }) => {
      expect(await code(session.verify(session.plan(newMaterial())))).toBe('verification_mismatch');
    });
  });
});

describe('an occupied slot', () => {
  test('is refused, and the device left as it was', async () => {
    await withDevice({}, async ({ session }) => {
      const first = await install(session);
      expect(await code(install(session))).toBe('slot_taken');
      await expect(session.verify(first.plan)).resolves.toHaveLength(3);
    });
  });

  test('is replaced when asked, several times', async () => {
    await withDevice({}, async ({ session }) => {
      await install(session);
      for (let round = 0; round < 2; round += 1) {
        const { plan, evidence } = await install(session, true);
        expect(evidence).toMatchObject({
          items: [{ replaced: true }, { replaced: true }, { replaced: true }],
        });
        await expect(session.verify(plan)).resolves.toHaveLength(3);
      }
    });
  });

  test('keeps what is already right, and needs no permission for it', async () => {
    await withDevice({}, async ({ session }) => {
      const { material } = await install(session);
      const plan = session.plan({ ...newMaterial(), caDer: material.caDer });
      expect(await session.install(plan, { replace: true, onProgress: () => {} })).toMatchObject({
        kept: ['ca'],
      });
      const again = await session.install(plan, { replace: false, onProgress: () => {} });
      expect(again).toMatchObject({ items: [], kept: ['privateKey', 'certificate', 'ca'] });
    });
  });

  test('runs out of heap at last, because deleting gives none back', async () => {
    await withDevice({}, async ({ session }) => {
      await install(session);
      let last = 'none';
      for (let round = 0; round < 12 && last === 'none'; round += 1)
        last = await code(install(session, true));
      expect(last).toBe('device_store_full');
    });
  });
});

describe('room', () => {
  test('for three entries is asked for before anything is signed', async () => {
    const sizes = { caDerSizeBytes: 450, certificateDerMaxSizeBytes: 500, privateKeyPkcs8SizeBytes: 138 };
    await withDevice({}, async ({ session }) => {
      await session.identify();
      expect(() => session.checkFit(sizes)).not.toThrow();
      expect(() => session.checkFit({ ...sizes, certificateDerMaxSizeBytes: 900 })).toThrow(
        expect.objectContaining({ code: 'credential_too_large' }),
      );
      await install(session);
      await session.identify();
      expect(() => session.checkFit(sizes)).not.toThrow();
    });
  });

  test('that the target promised in vain is missed before the credential is added', async () => {
    const target = zephyrTarget({ credentialBufferSizeBytes: 4_096 });
    await withDevice({ target }, async ({ session }) => {
      const plan = session.plan({ ...newMaterial(), chainDer: [randomBytes(900)] });
      expect(await code(session.install(plan, { replace: false, onProgress: () => {} }))).toBe(
        'credential_too_large',
      );
    });
  });
});

describe('loss', () => {
  test('of any one byte is healed', async () => {
    const positions = Array.from({ length: 72 }, (_, index) => 1 + 29 * index);
    const unhealed: string[] = [];
    const heal = async (dropByteAt: number): Promise<void> => {
      const options = { device: { faults: { dropByteAt } }, target: zephyrTarget({}, 600) };
      await withDevice(options, async ({ session }) => {
        await session.identify();
        const { plan } = await install(session);
        await session.verify(plan);
      }).catch((error: unknown) => unhealed.push(`${dropByteAt}: ${error}`));
    };
    const worker = async (): Promise<void> => {
      for (let next = positions.pop(); next !== undefined; next = positions.pop()) await heal(next);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(unhealed).toEqual([]);
  });

  test('of the device itself is told', async () => {
    await withDevice({ device: { faults: { rebootAfterBytes: 900 } } }, async ({ session }) => {
      await session.identify();
      expect(await code(install(session))).toBe('device_rebooted');
    });
  });
});

test('another unit is noticed by asking twice', async () => {
  await withDevice(
    { device: { hardwareId: 'aa', faults: { secondHardwareId: 'bb' } } },
    async ({ session }) => {
      expect((await session.identify()).hardwareId).toBe('aa');
      expect((await session.identify()).hardwareId).toBe('bb');
    },
  );
});

/** A device that outlives sessions and can be spoken to past them, so that nothing masks or changes what it says. */
function newDevice(device: DeviceOptionsInput = {}) {
  const transport = memoryTransport(openInProcess({ lineRate: 'instant', ...device }));
  const transcript: string[] = [];
  const link = createLink({
    drivers: [zephyrDriver],
    openTransport: async () => ({ ...transport, close: async () => {} }),
  });
  return {
    transcript,
    open: (options: Record<string, unknown> = {}): Promise<DeviceSession> =>
      link.open({
        portPath: 'memory',
        target: zephyrTarget(options),
        transcript: { write: (_, text) => void transcript.push(text) },
        signal: new AbortController().signal,
      }),
    ask: async (command: string, until: RegExp): Promise<string> => {
      const heard: string[] = [];
      const stop = transport.onData((bytes) => heard.push(Buffer.from(bytes).toString('latin1')));
      await transport.write(Buffer.from(`${command}\r`));
      await expect.poll(() => heard.join(''), { timeout: 5_000 }).toMatch(until);
      stop();
      return heard.join('');
    },
    close: () => transport.close(),
  };
}

describe('what was found is left as it was', () => {
  test('echo that was off is off again', async () => {
    const device = newDevice({ echo: false });
    const session = await device.open();
    expect((await session.identify()).capabilities).toMatchObject({ echo: true });
    await session.close();
    expect(device.transcript).toContain('shell echo off');
    expect(await device.ask('shell echo', /status/)).toContain('Echo status: off');
    await device.close();
  });

  test('a log that was stopped goes on', async () => {
    const device = newDevice({ build: 'immediate', noiseIntervalMs: 20, lineRate: 115_200 });
    const session = await device.open();
    expect((await session.identify()).capabilities).toMatchObject({ logHalted: true });
    await install(session);
    await session.close();
    expect(device.transcript).toContain('log halt');
    expect(await device.ask('', /background tick/)).toContain('background tick');
    await device.close();
  });

  test('a quiet device is told nothing of logs', async () => {
    const device = newDevice();
    await (await device.open()).close();
    expect(device.transcript.filter((text) => text.startsWith('log '))).toEqual([]);
    await device.close();
  });
});

describe('other credentials on the device', () => {
  const sizes = { caDerSizeBytes: 450, certificateDerMaxSizeBytes: 500, privateKeyPkcs8SizeBytes: 138 };

  test('leave too few places, which is said before anything is signed', async () => {
    const device = newDevice();
    const other = await device.open({ securityTag: 7 });
    const { plan } = await install(other);
    await other.close();
    const session = await device.open();
    expect((await session.identify()).occupied).toEqual([]);
    expect(() => session.checkFit(sizes)).toThrow(expect.objectContaining({ code: 'device_store_full' }));
    await session.close();

    const trusting = await device.open({ slotCount: undefined });
    await trusting.identify();
    expect(() => trusting.checkFit(sizes)).not.toThrow();
    expect(await code(install(trusting))).toBe('device_store_full');
    await trusting.close();
    const again = await device.open({ securityTag: 7 });
    expect((await again.identify()).occupied.map(({ sha256 }) => sha256).sort()).toEqual(
      Object.values(plan.storedDigests).sort(),
    );
    await again.close();
    await device.close();
  });

  test.each([
    ['PK', 'x'],
    ['PK', 'xy'],
    ['CA', 'xyz'],
  ])('that are tiny are not deleted, because that crashes the device: %s %s', async (type, content) => {
    const device = newDevice();
    // A device that has just been switched on is deaf for a moment; a first session waits for it.
    await (await device.open()).close();
    await device.ask(`cred add 1 ${type} DEFAULT str ${content}`, /Added/);
    const session = await device.open();
    await expect(install(session, true)).rejects.toMatchObject({
      code: 'device_refused',
      details: { reason: 'undeletable' },
    });
    await session.close();
    expect(await device.ask('cred list', /1 credentials found/)).toContain(`1,${type},`);
    await device.close();
  });
});
