// An ESP32 partition as a file: the same bytes as the driver writes into a chip, found again by parsing, refused in time.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import type { InstallMaterial } from '../../../core/domain/install.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { readCredentialImage } from '../../../core/link/esp32/credentialImage.ts';
import { esp32Driver } from '../../../core/link/esp32/esp32Driver.ts';
import { parseEsp32Options } from '../../../core/link/esp32/options.ts';
import { createFilesDriver } from '../../../core/link/files/filesDriver.ts';
import { folderTransport } from '../../../core/link/files/folderTransport.ts';
import { Chip, defaultChip } from '../../../core/simulator/esp32/chip.ts';
import {
  bareTarget,
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  remembering,
  runCycle,
  Transcript,
} from '../../support/familyBench.ts';

const driver = createFilesDriver({
  random: { bytes: (sizeBytes) => new Uint8Array(sizeBytes) },
  passphrase: () => undefined,
});
const target = (esp32Image: unknown, formats: readonly string[] = ['esp32-image']) =>
  bareTarget('files', 4_000, { formats, esp32Image });
const SECURE_CERT = { partitionOffset: 0xd000 };
const NVS = { format: 'nvs', partition: 'fctry', partitionOffset: 0x16000, partitionSizeBytes: 0x4000 };

const authority = leafAuthority();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-image-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openFolder = (esp32Image: unknown, formats?: readonly string[]): Promise<DeviceSession> =>
  driver.open({
    transport: folderTransport(join(folder, 'unit')),
    target: target(esp32Image, formats),
    transcript: new Transcript(),
    clock: { nowMs: () => 0 },
    signal: new AbortController().signal,
  });
const path = (name: string): string => join(folder, 'unit', name);

/** One key and its certificate, for as many sessions as a test has. */
async function material(): Promise<() => InstallMaterial> {
  const key = await authority().makeKey();
  const leaf = await authority().certify(key.publicKeySpki);
  return () => ({
    caDer: authority().caDer,
    chainDer: [leaf, authority().caDer],
    privateKeyPkcs8: new Secret(key.privateKeyPkcs8.use((bytes) => Uint8Array.from(bytes))),
  });
}

describe('an ESP32 partition as a file', () => {
  it.each([
    ['esp_secure_cert in PEM', SECURE_CERT, {}],
    ['esp_secure_cert in DER', { ...SECURE_CERT, encoding: 'der' }, { encoding: 'der' }],
    ['NVS strings', NVS, { format: 'nvs', partition: 'fctry' }],
    [
      'NVS blobs in DER',
      { ...NVS, encoding: 'der', nvs: { namespace: 'factory', privateKey: 'device_key', type: 'blob' } },
      {
        ...{ format: 'nvs', partition: 'fctry', encoding: 'der' },
        nvs: { namespace: 'factory', privateKey: 'device_key', type: 'blob' },
      },
    ],
  ] as const)('%s: byte for byte what the driver writes into a chip', async (_, image, onBoard) => {
    const { make, made } = remembering((send) => new Chip(defaultChip, send));
    const board = await openInMemory(esp32Driver, bareTarget('esp32', 4_000, onBoard), memoryPipe(make).pipe);
    const files = await openFolder(image);
    const copy = await material();
    await board.identify();
    const boardPlan = board.plan(copy());
    const plan = files.plan(copy());
    await board.install(boardPlan, { replace: false, onProgress: () => {} });
    await files.install(plan, { replace: false, onProgress: () => {} });

    const { partitionOffset } = image;
    const partition = defaultChip.partitions.find(({ offset }) => offset === partitionOffset);
    const flash = Buffer.from(made().flash.read(partitionOffset, partition?.sizeBytes ?? 0));
    const written = readFileSync(path('credential.bin'));
    expect(written.length).toBeGreaterThan(0x1fff);
    expect(written.equals(flash)).toBe(true);
    // One inventory, whichever way a unit was programmed.
    expect(plan.storedDigests).toEqual(boardPlan.storedDigests);
    expect(await files.verify(plan)).toEqual(await board.verify(boardPlan));
    await files.close();
    await board.close();
  });

  it('comes with the command that writes it, in a folder that says what it holds', async () => {
    const session = await openFolder({ ...NVS, chip: 'ESP32-C3' }, ['pem', 'esp32-image']);
    expect((await session.identify()).occupied).toEqual([]);
    const { verifications } = await runCycle(session, authority());
    expect(verifications.map(({ check }) => check)).toEqual(Array(3).fill('read-back'));
    expect(readFileSync(path('credential.txt'), 'utf8')).toBe(
      'Partition fctry, 0x4000 bytes: esptool --chip esp32c3 write-flash 0x16000 credential.bin\n',
    );
    expect(readdirSync(join(folder, 'unit')).sort()).toEqual(
      ['ca.pem', 'chain.pem', 'credential.bin', 'credential.txt', 'key.pem'].sort(),
    );
    await session.close();

    const alone = await openFolder(SECURE_CERT);
    for (const name of ['ca.pem', 'chain.pem', 'key.pem']) rmSync(path(name));
    expect((await alone.identify()).occupied.map(({ item }) => item)).toEqual([
      'ca',
      'certificate',
      'privateKey',
    ]);
    expect((await failure(runCycle(alone, authority(), { replace: false }))).code).toBe('slot_taken');
    await alone.close();
  });

  it.each([
    ['credential.bin', 0x40],
    ['credential.txt', 3],
  ] as const)('finds a changed byte of %s', async (name, at) => {
    const session = await openFolder(SECURE_CERT);
    const change = (): void => {
      const bytes = readFileSync(path(name));
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path(name), bytes);
    };
    const error = await failure(runCycle(session, authority(), { beforeVerify: change }));
    expect(error).toMatchObject({ code: 'verification_mismatch', details: { file: name } });
    await session.close();
  });

  it.each([
    ['esp_secure_cert', { ...SECURE_CERT, partitionSizeBytes: 0x1000 }, 2_800],
    // Room enough in all, but a string is not cut in two.
    ['NVS', { ...NVS, partitionSizeBytes: 0x3000 }, 2_920],
  ] as const)('%s: refuses what has no room before anything is signed', async (_, image, sizeBytes) => {
    const session = await openFolder(image);
    const sizes = { caDerSizeBytes: 500, certificateDerMaxSizeBytes: 500, privateKeyPkcs8SizeBytes: 138 };
    expect(() => session.checkFit(sizes)).not.toThrow();
    expect(() => session.checkFit({ ...sizes, certificateDerMaxSizeBytes: sizeBytes })).toThrow(
      expect.objectContaining({ code: 'credential_too_large' }),
    );
    expect(existsSync(join(folder, 'unit'))).toBe(false);
    await session.close();
  });

  it('wipes what it holds of the key', async () => {
    const session = await openFolder(SECURE_CERT);
    const plan = session.plan((await material())());
    await session.close();
    // A plan of a closed session has nothing left to write.
    await session.install(plan, { replace: true, onProgress: () => {} });
    expect(readFileSync(path('credential.bin')).every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['no offset', {}, /esp32Image\.partitionOffset/],
    ['an offset between sectors', { partitionOffset: 0xd001 }, /multiple of 4096/],
    ['an offset over the partition table', { partitionOffset: 0x8000 }, /esp32Image\.partitionOffset/],
    ['a size between sectors', { ...SECURE_CERT, partitionSizeBytes: 0x1800 }, /multiple of 4096/],
    ['NVS of two pages', { ...NVS, partitionSizeBytes: 0x2000 }, /at least three pages/],
    ['DER in NVS strings', { ...NVS, encoding: 'der' }, /esp32Image.*nvs\.type/],
    ['a chip that would be a command', { ...SECURE_CERT, chip: 'ESP32; reboot' }, /esp32Image\.chip/],
    ['a name of two lines', { ...SECURE_CERT, partition: 'a\nb' }, /esp32Image\.partition/],
    ['what only a board has', { ...SECURE_CERT, flashBaudRate: 460_800 }, /flashBaudRate/],
    ['no image', undefined, /options\.esp32Image/],
  ] as const)('refuses a target with %s', (_, image, reason) => {
    expect(() => driver.checkTarget(target(image))).toThrow(reason);
  });

  it('refuses a place for an image where none is made', () => {
    expect(() => driver.checkTarget(target(SECURE_CERT, ['pem']))).toThrow(/options\.esp32Image/);
  });

  it('reads of an image only what is in it', () => {
    const erased = new Uint8Array(0x3000).fill(0xff);
    for (const format of ['esp_secure_cert', 'nvs']) {
      const options = parseEsp32Options(bareTarget('esp32', 4_000, { format }));
      expect([...readCredentialImage(erased, options)]).toEqual([]);
    }
  });
});
