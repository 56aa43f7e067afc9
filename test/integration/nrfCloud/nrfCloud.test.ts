import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nrfCloudDriver } from '../../../core/link/nrfCloud/nrfCloudDriver.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';
import { readStoredIdentity } from '../../../core/simulator/storedIdentity.ts';
import { ZephyrDevice } from '../../../core/simulator/zephyrDevice.ts';
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

const TAG = 42;
const target = (options: Record<string, unknown> = {}) =>
  bareTarget('nrf-cloud-cred', 1_500, { securityTag: TAG, ...options });

function deviceOf(options: DeviceOptionsInput = {}) {
  const { make, made } = remembering(
    (send) => new ZephyrDevice({ build: 'nrf-cloud-cred', lineRate: 1_000_000, ...options }, send),
  );
  const say = (text: string) => made().receive(Buffer.from(text, 'latin1'));
  return { make, board: () => made().board, say };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

const authority = leafAuthority();

describe('nrf_cloud_cred', () => {
  it('certifies a key that never leaves the device, over a pseudo-terminal', async () => {
    const { make, board } = deviceOf();
    const { portPath, unplug } = await plugIn(make);
    const transcript = new Transcript();
    const session = await openOnPort(nrfCloudDriver, target(), portPath, { transcript });
    const result = await runCycle(session, authority());
    expect(result.custody).toBe('on-device');
    expect(result.identity).toMatchObject({
      hardwareIdSource: 'silicon',
      occupied: [],
      custodyOffered: ['on-device'],
      capabilities: { keygen: true, deviceKeySha256: null },
    });
    expect(result.verifications.map(({ item, check }) => [item, check])).toEqual([
      ['certificate', 'device-digest'],
      ['ca', 'device-digest'],
      ['privateKey', 'proof-of-possession'],
    ]);
    // What the firmware's own TLS would use: the installed certificate with the key of the vault.
    const stored = readStoredIdentity(
      board().store ?? expect.fail('the device is not running'),
      TAG,
      board().vault,
    );
    if ('problem' in stored) throw new Error(stored.problem);
    expect(new X509Certificate(stored.certificatePem).raw).toEqual(Buffer.from(result.certificateDer));
    expect(transcript.text).not.toContain(
      Buffer.from(board().vault.entries[0]?.pkcs8 ?? [])
        .toString('base64')
        .slice(40, 80),
    );
    await session.close();
    unplug();
  });

  it('replaces a key, its own or one that was sent, only when told to', async () => {
    const { make, board, say } = deviceOf();
    const session = await openInMemory(nrfCloudDriver, target(), memoryPipe(make).pipe);
    await runCycle(session, authority());
    const first = board().vault.get(TAG)?.publicKeySpki;
    expect((await session.identify()).occupied.map(({ item }) => item)).toEqual([
      'ca',
      'certificate',
      'privateKey',
    ]);
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
    expect(board().vault.get(TAG)?.publicKeySpki).toEqual(first);
    say(`cred add ${TAG} PK DEFAULT str something\r`);
    await soon();
    expect(board().store?.get(TAG, 'PRIVATE_KEY')).toBeDefined();
    await runCycle(session, authority(), { replace: true });
    expect(board().vault.get(TAG)?.publicKeySpki).not.toEqual(first);
    expect(board().store?.get(TAG, 'PRIVATE_KEY')).toBeUndefined();
  });

  it('notices a key that was made anew after its certificate, and a key that is gone', async () => {
    for (const after of [
      `nrf_cloud_cred delete ${TAG}\r`,
      `nrf_cloud_cred delete ${TAG}\rnrf_cloud_cred keygen ${TAG}\r`,
    ]) {
      const { make, say } = deviceOf();
      const session = await openInMemory(nrfCloudDriver, target(), memoryPipe(make).pipe);
      const identity = await session.identify();
      expect(identity.custodyOffered).toEqual(['on-device']);
      const key = await session.generateKey?.('P-256', { replace: false });
      const certificateDer = await authority().certify(key?.publicKeySpki ?? new Uint8Array());
      const plan = session.plan({
        caDer: authority().caDer,
        chainDer: [certificateDer],
        privateKeyPkcs8: undefined,
      });
      await session.install(plan, { replace: false, onProgress: () => {} });
      await session.verify(plan);
      say(after);
      await soon();
      expect(await failure(session.verify(plan))).toMatchObject({
        code: 'verification_mismatch',
        details: { item: 'privateKey' },
      });
    }
  });

  it('refuses an old request that is played back, however well it is signed', async () => {
    const { make } = deviceOf();
    let recorded: string | undefined;
    // A device between the line and the real one repeats the first request that it has seen.
    const replaying = (send: (bytes: Uint8Array) => void) => {
      let waiting = '';
      return make((bytes) => {
        waiting += Buffer.from(bytes).toString('latin1');
        const end = waiting.lastIndexOf('\n') + 1;
        const rows = waiting.slice(0, end).replace(/CSR: [A-Za-z0-9+/=]+/g, (row) => {
          recorded ??= row;
          return recorded;
        });
        const rest = waiting.slice(end);
        if (rest.includes('CSR: ')) {
          waiting = rest;
          send(Buffer.from(rows, 'latin1'));
        } else {
          waiting = '';
          send(Buffer.from(rows + rest, 'latin1'));
        }
      });
    };
    const session = await openInMemory(nrfCloudDriver, target(), memoryPipe(replaying).pipe);
    expect(await failure(runCycle(session, authority()))).toMatchObject({
      code: 'device_answer_invalid',
      details: { reason: 'subject' },
    });
  });

  it('finds key and certificates again after a restart where they are stored for good', async () => {
    for (const [backend, kept] of [
      ['protected', ['ca', 'certificate', 'privateKey']],
      ['volatile', ['privateKey']],
    ] as const) {
      const { make } = deviceOf({ backend });
      const { pipe } = memoryPipe(make);
      const session = await openInMemory(nrfCloudDriver, target(), pipe);
      await runCycle(session, authority());
      expect(await session.restart?.()).toBe(true);
      await session.close();
      await soon();
      const again = await openInMemory(nrfCloudDriver, target(), pipe);
      expect((await again.identify()).occupied.map(({ item }) => item)).toEqual(kept);
      await again.close();
    }
  });

  it('tells firmware without the command, another curve, and a key of the station', async () => {
    const plain = deviceOf({ build: 'default' });
    expect(await failure(openInMemory(nrfCloudDriver, target(), memoryPipe(plain.make).pipe))).toMatchObject({
      code: 'capability_missing',
      details: { capability: 'nrf_cloud_cred' },
    });
    const session = await openInMemory(nrfCloudDriver, target(), memoryPipe(deviceOf().make).pipe);
    await session.identify();
    const generate = session.generateKey?.('P-384', { replace: false }) ?? Promise.resolve();
    expect((await failure(generate)).code).toBe('capability_missing');
    expect((await failure(runCycle(session, authority(), { custody: 'station-memory' }))).code).toBe(
      'custody_not_offered',
    );
  });

  it('says that the device holds a key of another tag', async () => {
    const { make, say } = deviceOf();
    const session = await openInMemory(nrfCloudDriver, target(), memoryPipe(make).pipe);
    say('nrf_cloud_cred keygen 7\r');
    await soon();
    await session.identify();
    expect(await failure(runCycle(session, authority()))).toMatchObject({
      code: 'device_refused',
      details: { reason: expect.stringContaining('-95') },
    });
  });

  it('takes no tag that PSA has no number for', () => {
    for (const securityTag of [0, 0x4000_0000]) {
      expect(() => nrfCloudDriver.checkTarget(target({ securityTag }))).toThrow(
        expect.objectContaining({ code: 'target_invalid' }),
      );
    }
    expect(() => nrfCloudDriver.checkTarget(target({ privateKeyEncoding: 'sec1' }))).toThrow(
      expect.objectContaining({ code: 'target_invalid' }),
    );
  });
});
