// The demo's provisioning: eight devices through four bays, and one that was given a one-day certificate ten days ago.

import { loadProfiles, profileNamed } from '../../core/authority/profileStore.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../core/domain/device.ts';
import type { OpenedStation } from '../../core/host/openStation.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import type { RunListener, RunResult } from '../../core/station/events.ts';
import { type Bay, createOrder, runOrder } from '../../core/station/orders.ts';
import { provision } from '../../core/station/provision/provision.ts';
import { profilesFolder, targetsFolder } from '../resources.ts';
import { DEMO_OPERATOR } from './demoStation.ts';
import type { FleetDevice } from './fleet.ts';

export const demoTarget = loadTargets(targetsFolder).target('zephyr-shell');
export const demoProfile = profileNamed(loadProfiles(profilesFolder), 'tls-client');

const serialOf = (index: number): DeviceSerial =>
  parseDeviceSerial(`DEMO-${String(index + 1).padStart(4, '0')}`);

/** Runs a work order over the bays: bay 1 gets devices 1, 5, …, as an operator would plug them in. */
export async function provisionAll(
  station: OpenedStation,
  devices: readonly FleetDevice[],
  bayCount: number,
  signal: AbortSignal,
  listener: RunListener,
): Promise<readonly RunResult[]> {
  const order = createOrder(station.ports, {
    name: 'DEMO-ORDER',
    target: demoTarget,
    profile: demoProfile,
    quantity: devices.length,
    deviceSerials: devices.map((_, index) => serialOf(index)),
  });
  const bays: readonly Bay[] = Array.from({ length: bayCount }, (_, bay) => {
    const waiting = devices.flatMap((device, index) =>
      index % bayCount === bay ? [{ portPath: device.portPath, deviceSerial: serialOf(index) }] : [],
    );
    return { bayName: `bay-${bay + 1}`, next: async () => waiting.shift() };
  });
  const steps = await runOrder(station.ports, {
    order,
    bays,
    target: demoTarget,
    profile: demoProfile,
    operatorName: DEMO_OPERATOR,
    site: station.facts.site,
    replace: false,
    signal,
    listener,
  });
  return steps
    .flatMap((step) => (step.kind === 'run' ? [step.run] : []))
    .sort((one, other) => one.deviceSerial.localeCompare(other.deviceSerial));
}

/**
 * Gives a device a one-day certificate by a station whose clock is far behind. The device holds it, but the edge server,
 * whose TLS goes by the real time, will not have it: the run fails in its verify phase, as it must.
 */
export const provisionForOneDay = (
  station: OpenedStation,
  device: FleetDevice,
  signal: AbortSignal,
): Promise<RunResult> =>
  provision(station.ports, {
    deviceSerial: parseDeviceSerial('DEMO-EXPIRED'),
    orderId: undefined,
    orderName: undefined,
    bayName: 'bay-1',
    portPath: device.portPath,
    operatorName: DEMO_OPERATOR,
    site: station.facts.site,
    target: demoTarget,
    profile: { ...demoProfile, name: 'one-day', validity: { days: 1 } },
    replace: false,
    signal,
    listener: () => {},
  });
