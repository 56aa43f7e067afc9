import { beforeAll, describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { parseTarget } from '../../../core/domain/target.ts';
import { lastPem } from '../../../core/link/freertos/console.ts';
import { freertosDriver } from '../../../core/link/freertos/freertosDriver.ts';
import {
  defaultFreertos,
  FreertosDevice,
  type FreertosOptions,
} from '../../../core/simulator/freertos/device.ts';
import { memoryPipe, openInMemory, openOnPort, plugIn, runCycle } from '../conformance/bench.ts';
import { makeTestAuthority, type TestAuthority } from '../conformance/testAuthority.ts';

const target = (options: Record<string, unknown> = {}) =>
  parseTarget(
    { name: 'f', version: 1, title: 'f', driver: 'freertos-pki', timeouts: { answerMs: 800 }, options },
    'f.json',
  );
function deviceOf(options: Partial<FreertosOptions> = {}) {
  const made: FreertosDevice[] = [];
  const make = (send: (bytes: Uint8Array) => void) => {
    const device = new FreertosDevice({ ...defaultFreertos, ...options }, send);
    made.push(device);
    return device;
  };
  return { make, certificates: () => made[0]?.certificates };
}
const failure = async (work: Promise<unknown>): Promise<StationError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

let authority: TestAuthority;
beforeAll(async () => {
  authority = await makeTestAuthority();
});

describe('FreeRTOS pki', () => {
  it('certifies a key made on the device, over a pseudo-terminal, and has it sign again afterwards', async () => {
    const { make, certificates } = deviceOf();
    const { portPath, unplug } = await plugIn(make);
    const session = await openOnPort(freertosDriver, target(), portPath);
    const result = await runCycle(session, authority);
    expect(result.custody).toBe('on-device');
    expect(result.identity.capabilities).toMatchObject({ thingName: 'stm32u5-0001' });
    expect(result.verifications.map(({ item, check }) => [item, check])).toEqual([
      ['ca', 'read-back'],
      ['certificate', 'read-back'],
      ['privateKey', 'proof-of-possession'],
    ]);
    const held = lastPem(certificates()?.get('tls_cert') ?? '', 'CERTIFICATE');
    expect(held).toEqual(result.certificateDer);
    await session.close();
    unplug();
  });

  it('replaces only when told to', async () => {
    const { make } = deviceOf();
    const session = await openInMemory(freertosDriver, target(), memoryPipe(make).pipe);
    await runCycle(session, authority);
    expect((await session.identify()).occupied.map(({ item }) => item)).toEqual([
      'ca',
      'certificate',
      'privateKey',
    ]);
    expect((await failure(runCycle(session, authority, { replace: false }))).code).toBe('slot_taken');
  });

  it('notices a key that was made anew after its certificate, a swapped board and lost characters', async () => {
    const { make } = deviceOf();
    const { pipe, device } = memoryPipe(make);
    const session = await openInMemory(freertosDriver, target(), pipe);
    const again = () => pipe.write(Buffer.from('pki generate key tls_key_pub tls_key_priv\r\n'));
    expect((await failure(runCycle(session, authority, { beforeVerify: again }))).code).toBe(
      'verification_mismatch',
    );
    expect((await failure(runCycle(session, authority, { beforeInstall: () => device.swap() }))).code).toBe(
      'device_changed',
    );
    const fast = await openInMemory(
      freertosDriver,
      target({ pieceBytes: 512, pauseMs: 0 }),
      memoryPipe(deviceOf().make).pipe,
    );
    expect(['device_refused', 'device_silent', 'bytes_lost']).toContain(
      (await failure(runCycle(fast, authority))).code,
    );
  });

  it('never takes a private key of the station', async () => {
    const session = await openInMemory(freertosDriver, target(), memoryPipe(deviceOf().make).pipe);
    expect((await failure(runCycle(session, authority, { custody: 'station-memory' }))).code).toBe(
      'custody_not_offered',
    );
  });
});
