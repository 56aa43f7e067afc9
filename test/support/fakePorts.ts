// The station's ports for tests of the use cases: the real inventory in a temporary folder, the real key maker and a real
// authority with few rounds; only the device is a fake, which implements the port and does as it is told.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profilesFolder, targetsFolder } from '../../cli/resources.ts';
import { openAuthority } from '../../core/authority/authority.ts';
import { createAuthority } from '../../core/authority/ceremony.ts';
import { StationKeyMaker } from '../../core/authority/keys.ts';
import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { systemClock } from '../../core/domain/clock.ts';
import type { HardwareId } from '../../core/domain/device.ts';
import type { DeviceIdentity } from '../../core/domain/deviceIdentity.ts';
import type { DeviceSession } from '../../core/domain/deviceSession.ts';
import type { StationId } from '../../core/domain/ids.ts';
import { Secret } from '../../core/domain/secret.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { passwordMaker } from '../../core/host/passwords.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { type Inventory, openInventory } from '../../core/inventory/inventory.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { sha256Hex } from '../../core/station/digest.ts';
import type { StationPorts } from '../../core/station/ports/all.ts';
import type { OpenRequest } from '../../core/station/ports/link.ts';

export const target = loadTargets(targetsFolder).target('zephyr-shell');
export const profile = profileNamed(loadProfiles(profilesFolder), 'tls-client');
export const serverProfile = profileNamed(loadProfiles(profilesFolder), 'tls-server');

/** A device by its port; every method may be replaced by one that fails. */
export interface FakeDevice extends Partial<DeviceSession> {
  readonly hardwareId?: string;
  readonly occupied?: DeviceIdentity['occupied'];
  readonly openFails?: StationError;
  closed?: number;
}

export interface StationBench {
  readonly ports: StationPorts & { readonly inventory: Inventory };
  readonly devices: Map<string, FakeDevice>;
  /** What the transcripts got. */
  readonly transcript: string[];
  close(): void;
}

const PASSPHRASE = 'correct horse battery staple';
const FEW_ROUNDS = 1_000;

export function createBench(overrides: Partial<StationPorts> = {}): StationBench {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-bench-'));
  const clock = overrides.clock ?? systemClock;
  const random = systemRandom;
  const passphrase = Secret.fromText(PASSPHRASE);
  const authorityFolder = join(folder, 'authority');
  createAuthority({
    folder: authorityFolder,
    passphrase,
    site: 'Test site',
    clock,
    random,
    pbkdf2Rounds: FEW_ROUNDS,
  });
  const authority = openAuthority({ folder: authorityFolder, clock, random });
  authority.unlock(passphrase);
  const inventory = openInventory({
    path: join(folder, 'inventory.db'),
    station: { stationId: 'station-00000000000000aa' as StationId, createdAtMs: clock.nowMs() },
    actor: 'tester',
  });
  const devices = new Map<string, FakeDevice>();
  const transcript: string[] = [];
  const ports = {
    authority,
    inventory,
    keys: new StationKeyMaker(),
    passwords: passwordMaker(random),
    link: { open: async (request: OpenRequest) => openFake(devices, request) },
    edge: {
      prove: async () => ({
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_128_GCM_SHA256',
        peerSubject: '',
        peerCertificateSha256: sha256Hex(new Uint8Array()),
        bytesFromDevice: 1,
        bytesToDevice: 1,
        durationMs: 1,
      }),
    },
    transcripts: {
      open: () => ({ write: (_: string, text: string) => void transcript.push(text), close: () => {} }),
    },
    clock,
    random,
    ...overrides,
  } as StationPorts & { readonly inventory: Inventory };
  return {
    ports,
    devices,
    transcript,
    close() {
      inventory.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openFake(devices: Map<string, FakeDevice>, { portPath }: OpenRequest): DeviceSession {
  const device = devices.get(portPath);
  if (device === undefined) throw new StationError('port_missing', { path: portPath });
  if (device.openFails !== undefined) throw device.openFails;
  return {
    identify: async () => ({
      hardwareId: (device.hardwareId ?? `hw-${portPath}`) as HardwareId,
      hardwareIdSource: 'silicon',
      firmware: '1.0',
      capabilities: {},
      occupied: device.occupied ?? [],
      custodyOffered: ['station-memory'],
    }),
    checkFit: () => {},
    plan: ({ caDer, chainDer }) => ({
      storedDigests: { ca: sha256Hex(caDer), certificate: sha256Hex(chainDer[0] ?? new Uint8Array()) },
      summary: { format: 'der' },
    }),
    install: async (_, { onProgress }) => {
      onProgress({ sentBytes: 1, totalBytes: 2 });
      return { sentBytes: 2 };
    },
    verify: async (plan) => {
      const expectedSha256 = plan.storedDigests.certificate ?? sha256Hex(new Uint8Array());
      return [{ item: 'certificate', check: 'device-digest', expectedSha256, actualSha256: expectedSha256 }];
    },
    ...device,
    close: async () => {
      device.closed = (device.closed ?? 0) + 1;
    },
  };
}
