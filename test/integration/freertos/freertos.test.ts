import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastPem } from '../../../core/link/freertos/console.ts';
import { freertosDriver } from '../../../core/link/freertos/freertosDriver.ts';
import {
  defaultFreertos,
  FreertosDevice,
  type FreertosOptions,
} from '../../../core/simulator/freertos/device.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
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
} from '../../support/familyBench.ts';

const target = (options: Record<string, unknown> = {}) => bareTarget('freertos-pki', 800, options);
function deviceOf(options: Partial<FreertosOptions> = {}) {
  const { make, made } = remembering((send) => new FreertosDevice({ ...defaultFreertos, ...options }, send));
  return { make, certificates: () => made().certificates };
}

const authority = leafAuthority();

describe('FreeRTOS pki', () => {
  it('certifies a key made on the device, over a pseudo-terminal, and has it sign again afterwards', async () => {
    const { make, certificates } = deviceOf();
    const { portPath, unplug } = await plugIn(make);
    const session = await openOnPort(freertosDriver, target(), portPath);
    const result = await runCycle(session, authority());
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
    await runCycle(session, authority());
    expect((await session.identify()).occupied.map(({ item }) => item)).toEqual([
      'ca',
      'certificate',
      'privateKey',
    ]);
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
  });

  it('notices a key that was made anew after its certificate, a swapped board and lost characters', async () => {
    const { make } = deviceOf();
    const { pipe, device } = memoryPipe(make);
    const session = await openInMemory(freertosDriver, target(), pipe);
    const again = () => pipe.write(Buffer.from('pki generate key tls_key_pub tls_key_priv\r\n'));
    expect((await failure(runCycle(session, authority(), { beforeVerify: again }))).code).toBe(
      'verification_mismatch',
    );
    expect((await failure(runCycle(session, authority(), { beforeInstall: () => device.swap() }))).code).toBe(
      'device_changed',
    );
    const fast = await openInMemory(
      freertosDriver,
      target({ pieceBytes: 512, windowBytes: 512, pauseMs: 0 }),
      memoryPipe(deviceOf().make).pipe,
    );
    expect(['device_refused', 'device_silent', 'bytes_lost']).toContain(
      (await failure(runCycle(fast, authority()))).code,
    );
  });

  it('keeps a window of unechoed bytes under way, and never more than the receive buffer holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 8, max: 128 }),
        fc.integer({ min: 1, max: 64 }),
        async (ring, piece) => {
          let most = 0;
          const make: MakeLineDevice = (send) => {
            let waiting = 0;
            const device = new FreertosDevice({ ...defaultFreertos, receiveBufferBytes: ring }, send);
            const receive = (bytes: Uint8Array): void => {
              // The device empties its buffer in one go, a millisecond after the first byte of it.
              if (waiting === 0) setTimeout(() => (waiting = 0), 1);
              waiting += bytes.length;
              most = Math.max(most, waiting);
              device.receive(bytes);
            };
            return {
              receive,
              reboot: () => device.reboot(),
              swap: () => device.swap(),
              powerOff: () => device.powerOff(),
            };
          };
          const options = { windowBytes: ring, pieceBytes: piece, pauseMs: 0 };
          const session = await openInMemory(freertosDriver, target(options), memoryPipe(make).pipe);
          await runCycle(session, authority());
          await session.close();
          expect(most).toBeLessThanOrEqual(ring);
          expect(most).toBeGreaterThanOrEqual(Math.min(2 * piece, Math.floor(ring / 2)));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('never takes a private key of the station', async () => {
    const session = await openInMemory(freertosDriver, target(), memoryPipe(deviceOf().make).pipe);
    expect((await failure(runCycle(session, authority(), { custody: 'station-memory' }))).code).toBe(
      'custody_not_offered',
    );
  });
});
