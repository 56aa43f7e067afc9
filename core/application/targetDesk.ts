// The kinds of devices: a target file is checked and brought to the station, and a port is asked who answers, without writing.

import type { StationMethods } from '../contract/rpc/host.ts';
import type { TargetView } from '../contract/schemas/targets.ts';
import { KEY_ALGORITHMS } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import { drivers } from '../host/drivers.ts';
import { keepTarget, type StationTargets, stationTargets } from '../host/stationTargets.ts';
import { targetStrength } from '../host/targetStrength.ts';
import { createLink } from '../link/driverRegistry.ts';
import { sealOf } from '../link/seal/sealing.ts';
import { checkTargetText } from '../link/targetFile.ts';
import { fileFormatsOf } from './orderTarget.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `targets.${string}`>>;

const MISTAKES_SHOWN = 100;
const TEXT_MAX = 200;

export function targetView(target: Target, targets: Pick<StationTargets, 'isOwn'>): TargetView {
  const { name, version, title, driver, line } = target;
  const { custody, certificates, key } = targetStrength(target);
  return {
    ...{ name, version, title, driver, certificates, key },
    baudRate: line.baudRate,
    own: targets.isOwn(name),
    custody: [...custody],
    holdsPassword: target.passwordSlot !== undefined,
    sealWarning: sealOf(target)?.warning,
    keyAlgorithms: [...(target.keyAlgorithms ?? KEY_ALGORITHMS)],
    fileFormats: fileFormatsOf(target),
  };
}

/** As text; what is no UTF-8 becomes a mistake of the first line by what it reads as. */
const textOf = (file: string): string =>
  Buffer.from(file, 'base64')
    .toString('utf8')
    .replace(/^\uFEFF/, '');

export function createTargetDesk(world: World, portsInUse: () => ReadonlySet<string>): Part {
  const { clock } = world;
  return {
    'targets.check': ({ file }) => {
      const { target, mistakes } = checkTargetText(textOf(file), drivers);
      return {
        target: target === undefined ? undefined : targetView(target, { isOwn: () => true }),
        mistakes: mistakes.slice(0, MISTAKES_SHOWN).map(({ line, field, reason }) => ({
          line,
          field: field.slice(0, TEXT_MAX),
          reason: reason.slice(0, 2 * TEXT_MAX),
        })),
      };
    },
    'targets.import': ({ file }) => {
      const house = houseOf(world);
      const target = keepTarget(house.folder, textOf(file), drivers);
      const { name, version, driver } = target;
      const details = { name, version, driver };
      house.inventory.append({
        act: 'target-imported',
        actor: operatorOf(world),
        atMs: clock.nowMs(),
        details,
      });
      world.targets = stationTargets(world.options.targetsFolder, house.folder, drivers);
      return targetView(target, world.targets);
    },
    'targets.try': async ({ targetName, portPath }, { signal }) => {
      const house = houseOf(world);
      const target = world.targets.target(targetName);
      if (target.driver === 'files')
        throw new StationError('target_invalid', { source: targetName, reason: 'it has no port' });
      if (!(await house.listPorts()).some(({ path }) => path === portPath)) {
        throw new StationError('port_missing', { path: portPath });
      }
      if (portsInUse().has(portPath)) throw new StationError('port_busy', { path: portPath });
      const startedAtMs = clock.nowMs();
      const link = createLink({ drivers, openTransport: house.openTransport });
      const session = await link.open({ portPath, target, transcript: { write: () => {} }, signal });
      try {
        const identity = await session.identify();
        return {
          hardwareId: identity.hardwareId?.slice(0, TEXT_MAX),
          hardwareIdSource: identity.hardwareIdSource,
          firmware: identity.firmware?.slice(0, TEXT_MAX) || undefined,
          custody: [...identity.custodyOffered],
          occupied: identity.occupied.map(({ item }) => item),
          capabilities: identity.capabilities,
          durationMs: Math.max(0, clock.nowMs() - startedAtMs),
        };
      } finally {
        await session.close();
      }
    },
  };
}
