// A whole station in a temporary folder, opened as a host opens it, and the way to run one device through it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import type { DeviceSession } from '../../core/domain/deviceSession.ts';
import type { Profile } from '../../core/domain/profile.ts';
import { Secret } from '../../core/domain/secret.ts';
import type { Target } from '../../core/domain/target.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { drivers } from '../../core/host/drivers.ts';
import { initStation } from '../../core/host/initStation.ts';
import { type OpenedStation, openStation } from '../../core/host/openStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { PortLister } from '../../core/link/serial/portInfo.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import type { RunEvent, RunResult } from '../../core/station/events.ts';
import type { LinkPort } from '../../core/station/ports/link.ts';
import type { ProvisionRequest } from '../../core/station/provision/context.ts';
import { provision } from '../../core/station/provision/provision.ts';

const PASSPHRASE = 'correct horse battery staple';
const resources = (name: string): string =>
  fileURLToPath(new URL(`../../resources/${name}`, import.meta.url));
const PROFILES = resources('profiles');

export const shippedTargets: readonly Target[] = loadTargets(resources('targets'), drivers).targets;

export const shippedTarget = (name: string): Target =>
  loadTargets(resources('targets'), drivers).target(name);

export const shippedProfile = (name = 'tls-client'): Profile => profileNamed(loadProfiles(PROFILES), name);

export interface StationWorld {
  readonly root: string;
  readonly station: OpenedStation;
  /** Runs one device, its session as `alter` leaves it; what is not said is as on a usual day. */
  run(
    request: { readonly serial: string; readonly portPath: string; readonly target: Target } & Partial<
      Omit<ProvisionRequest, 'deviceSerial' | 'portPath' | 'target'>
    > & { readonly alter?: (session: DeviceSession) => DeviceSession },
  ): Promise<RunResult>;
  readonly events: readonly RunEvent[];
  close(): Promise<void>;
}

/** Founds and opens a station, on this computer's ports or on those of `list`; `close` removes its folder. */
export async function createStationWorld(list?: PortLister): Promise<StationWorld> {
  const root = mkdtempSync(join(tmpdir(), 'keyline-station-'));
  const folder = dataFolder(join(root, 'data'));
  const passphrase = Secret.fromText(PASSPHRASE);
  initStation({
    folder,
    site: 'Test site',
    name: 'test-station',
    operatorName: 'tester',
    passphrase,
    clock: systemClock,
    random: systemRandom,
  });
  const station = await openStation({
    folder,
    passphrase,
    profilesFolder: PROFILES,
    operatorName: 'tester',
    ...(list === undefined
      ? {}
      : { listPorts: list, openTransport: (request) => openSerialTransport({ ...request, list }) }),
  });
  const events: RunEvent[] = [];
  return {
    root: folder.root,
    station,
    events,
    run: ({ serial, alter = (session) => session, ...request }) =>
      provision(
        { ...station.ports, link: altered(station.ports.link, alter) },
        {
          orderId: undefined,
          orderName: undefined,
          bayName: 'bay-1',
          operatorName: 'tester',
          site: 'Test site',
          profile: shippedProfile(),
          replace: false,
          signal: new AbortController().signal,
          listener: (event) => events.push(event),
          ...request,
          deviceSerial: parseDeviceSerial(serial),
        },
      ),
    async close() {
      await station.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const altered = (link: LinkPort, alter: (session: DeviceSession) => DeviceSession): LinkPort => ({
  open: async (request) => alter(await link.open(request)),
});
