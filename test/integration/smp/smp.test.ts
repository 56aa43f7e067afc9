import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Sha256Hex } from '../../../core/domain/ids.ts';
import { smpDriver } from '../../../core/link/smp/smpDriver.ts';
import { defaultSmpDevice, SmpDevice, type SmpDeviceOptions } from '../../../core/simulator/smp/device.ts';
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

const target = (options: Record<string, unknown> = {}) => bareTarget('mcumgr', 300, options);
function deviceOf(options: Partial<SmpDeviceOptions> = {}) {
  const { make, made } = remembering((send) => new SmpDevice({ ...defaultSmpDevice, ...options }, send));
  return { make, device: made, file: (name: string) => made().files.get(`/lfs1/credentials/${name}`) };
}

const authority = leafAuthority();

describe('MCUmgr', () => {
  it('stores files over a pseudo-terminal and has the device hash them', async () => {
    const { make, file } = deviceOf({ chatty: true });
    const { portPath, unplug } = await plugIn(make);
    const transcript = new Transcript();
    const session = await openOnPort(smpDriver, target(), portPath, { transcript });
    const result = await runCycle(session, authority());
    expect(result.identity).toMatchObject({
      hardwareIdSource: 'none',
      firmware: 'Zephyr 4.3.0 nrf52840dk',
      occupied: [],
    });
    expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('device-digest'));
    expect(file('crt.der')?.equals(result.certificateDer)).toBe(true);
    expect(transcript.text).not.toContain(file('key.der')?.toString('base64').slice(20, 50));
    await session.close();
    unplug();
  });

  it('asks the silicon who it is where the firmware lets a command through', async () => {
    const { make } = deviceOf({ hardwareId: '0011223344556677' });
    const { pipe, device } = memoryPipe(make);
    const session = await openInMemory(smpDriver, target(), pipe);
    const { identity } = await runCycle(session, authority());
    expect(identity).toMatchObject({ hardwareId: '0011223344556677', hardwareIdSource: 'silicon' });
    expect((await failure(runCycle(session, authority(), { beforeInstall: () => device.swap() }))).code).toBe(
      'device_changed',
    );
    await session.close();
  });

  it('says where the firmware has no restart', async () => {
    const { make } = deviceOf({ resetMs: undefined });
    const session = await openInMemory(smpDriver, target(), memoryPipe(make).pipe);
    expect(await session.restart?.()).toBe(false);
    await session.close();
  });

  it.each([1, 2] as const)('understands errors of version %i', async (version) => {
    const { make } = deviceOf({ version });
    const session = await openInMemory(smpDriver, target(), memoryPipe(make).pipe);
    expect((await session.identify()).occupied).toEqual([]);
    await runCycle(session, authority());
    expect((await session.identify()).occupied.map(({ sha256 }) => sha256?.length)).toEqual([64, 64, 64]);
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
  });

  it('downloads and compares where the firmware has no hash', async () => {
    const { make } = deviceOf({ hash: false });
    const session = await openInMemory(smpDriver, target(), memoryPipe(make).pipe);
    const result = await runCycle(session, authority());
    expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('read-back'));
  });

  it('tells the beginning of a certificate that was to be stored from any other file, and takes an empty one for one', async () => {
    const { make, device } = deviceOf();
    const session = await openInMemory(smpDriver, target(), memoryPipe(make).pipe);
    const { certificateDer } = await runCycle(session, authority());
    const stored = createHash('sha256').update(certificateDer).digest('hex') as Sha256Hex;
    const holds = (content: Uint8Array, sha256 = stored) => {
      device().files.set('/lfs1/credentials/crt.der', Buffer.from(content));
      return session.holdsBeginning?.('certificate', certificateDer, sha256);
    };
    expect(await holds(certificateDer)).toBe(true);
    expect(await holds(certificateDer.subarray(0, 192))).toBe(true);
    expect(await holds(Buffer.alloc(0))).toBe(true);
    expect((await session.identify()).occupied[1]?.sha256).toBe(createHash('sha256').digest('hex'));
    expect(await holds(certificateDer.subarray(1, 192))).toBe(false);
    expect(await holds(Buffer.concat([certificateDer, Buffer.alloc(1)]))).toBe(false);
    expect(await holds(Buffer.alloc(20_000))).toBe(false);
    expect(await holds(certificateDer.subarray(0, 192), 'a'.repeat(64) as Sha256Hex)).toBe(false);
  });

  it('finds a changed file, a swapped board and pieces that the device cannot take', async () => {
    const { make, file } = deviceOf();
    const { pipe, device } = memoryPipe(make);
    const session = await openInMemory(smpDriver, target(), pipe);
    const change = () => file('ca.der')?.fill(0, 5, 9);
    expect((await failure(runCycle(session, authority(), { beforeVerify: change }))).code).toBe(
      'verification_mismatch',
    );
    const swap = () => device.swap();
    expect((await failure(runCycle(session, authority(), { beforeInstall: swap }))).code).toBe(
      'device_changed',
    );
    const small = deviceOf({ bufferSizeBytes: 128 });
    const other = await openInMemory(smpDriver, target(), memoryPipe(small.make).pipe);
    expect((await failure(runCycle(other, authority()))).code).toBe('device_silent');
  });
});
