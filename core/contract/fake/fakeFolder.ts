// The fake's orders that go to a folder: they count, and write nothing.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { FolderWork } from '../schemas/issuing.ts';
import type { Order } from '../schemas/orders.ts';
import { unknown, type World } from './world.ts';

type Part = Pick<StationMethods, 'folder.get' | 'folder.start' | 'folder.stop'>;

const STEP_MS = 120;

export function fakeFolder(world: World, find: (orderId: string) => Order | undefined): Part {
  const works = new Map<string, FolderWork>();
  let running: string | undefined;

  const tell = (work: FolderWork): FolderWork => {
    works.set(work.orderId, work);
    world.emit({ event: 'folder.changed', payload: work });
    return work;
  };
  const serial = (number: number): string => `SN-${String(number).padStart(7, '0')}`;
  function step(): void {
    const work = running === undefined ? undefined : works.get(running);
    if (work === undefined) return;
    const passed = Math.min(work.quantity, work.passed + 1);
    const full = passed === work.quantity;
    const state = full ? 'full' : work.state === 'stopping' ? 'stopped' : 'running';
    const { deviceSerial: _, ...rest } = work;
    tell({
      ...{ ...rest, passed, state, devicesPerSecond: 1_000 / STEP_MS },
      ...(state === 'running' ? { deviceSerial: serial(passed + 1) } : {}),
    });
    if (state === 'running') world.options.later(step, STEP_MS);
    else running = undefined;
  }

  return {
    'folder.get': ({ orderId }) => {
      const { name } = find(orderId) ?? unknown('order_unknown');
      const work = works.get(orderId);
      const folder = `/var/lib/keyline/exports/order-${name}-${orderId.slice(-8)}`;
      return { work, proposedFolder: work?.folder ?? folder };
    },
    'folder.start': ({ orderId, folder }) => {
      const { name, quantity, targetName } = find(orderId) ?? unknown('order_unknown');
      if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
      if (running !== undefined) throw new StationError('batch_busy', { order: find(running)?.name });
      if (!world.targets.some((one) => one.name === targetName && one.fileFormats !== undefined))
        throw new StationError('value_invalid', { field: 'target', value: targetName, reason: 'not-files' });
      if (!folder.startsWith('/'))
        throw new StationError('value_invalid', { field: 'folder', value: folder, reason: 'not-absolute' });
      running = orderId;
      world.options.later(step, STEP_MS);
      const passed = works.get(orderId)?.passed ?? 0;
      const begun = { orderId, orderName: name, folder, quantity, passed, failed: 0 };
      return tell({ ...begun, state: 'running', deviceSerial: serial(passed + 1) });
    },
    'folder.stop': () => {
      const work = running === undefined ? undefined : works.get(running);
      if (work !== undefined) tell({ ...work, state: 'stopping' });
      return {};
    },
  };
}
