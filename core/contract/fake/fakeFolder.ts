// The fake's orders that go to a folder: they count, and write nothing.

import { checkFolderOrder } from '../../domain/orderRules.ts';
import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { FolderWork } from '../schemas/issuing.ts';
import type { FakeOrders } from './fakeOrders.ts';
import { refuseIssuing, targetNamed, type World } from './world.ts';

type Part = Pick<StationMethods, 'folder.get' | 'folder.start' | 'folder.stop'>;

const STEP_MS = 120;

export function fakeFolder(world: World, orders: Pick<FakeOrders, 'find' | 'countPass'>): Part {
  const works = new Map<string, FolderWork>();

  const tell = (work: FolderWork): FolderWork => {
    works.set(work.orderId, work);
    world.emit({ event: 'folder.changed', payload: work });
    return work;
  };
  const serial = (number: number): string => `SN-${String(number).padStart(7, '0')}`;
  const underWay = (): FolderWork | undefined =>
    [...works.values()].find(({ state }) => state === 'running' || state === 'stopping');
  function step(): void {
    const work = underWay();
    if (work === undefined) return;
    const { passed } = orders.countPass(work.orderId).progress;
    const full = passed === work.quantity;
    const state = full ? 'full' : work.state === 'stopping' ? 'stopped' : 'running';
    const { deviceSerial: _, ...rest } = work;
    tell({
      ...{ ...rest, passed, state, devicesPerSecond: 1_000 / STEP_MS },
      ...(state === 'running' ? { deviceSerial: serial(passed + 1) } : {}),
    });
    if (state === 'running') world.options.later(step, STEP_MS);
    else world.issuing = undefined;
  }

  return {
    'folder.get': ({ orderId }) => {
      const { name } = orders.find(orderId);
      const work = works.get(orderId);
      const folder = `/var/lib/keyline/exports/order-${name}-${orderId.slice(-8)}`;
      return { work, proposedFolder: work?.folder ?? folder };
    },
    'folder.start': ({ orderId, folder, numbering, passphrase }) => {
      const { name, quantity, targetName, closedAtMs, listedSerials, progress } = orders.find(orderId);
      refuseIssuing(world);
      const { passed, remaining } = progress;
      const order = { name, closedAtMs, remaining };
      checkFolderOrder(targetNamed(world, targetName), order, { folder, passphrase }, (path) =>
        path.startsWith('/'),
      );
      if (listedSerials === 0 && numbering === undefined)
        throw new StationError('value_missing', { field: 'numbering' });
      world.issuing = { orderId, name };
      world.options.later(step, STEP_MS);
      const begun = { orderId, orderName: name, folder, quantity, passed, failed: 0 };
      return tell({ ...begun, state: 'running', deviceSerial: serial(passed + 1) });
    },
    'folder.stop': () => {
      const work = underWay();
      if (work !== undefined) tell({ ...work, state: 'stopping' });
      return {};
    },
  };
}
