// Turns the station's events into fresh answers: what an event says is put in the place of the answer it replaces.

import type { QueryClient } from '@tanstack/react-query';
import type { MethodName, Output } from '../../core/contract/methods.ts';
import type { StationClient } from '../../core/contract/rpc/client.ts';
import type { Bay } from '../../core/contract/schemas/bays.ts';
import type { Order } from '../../core/contract/schemas/orders.ts';

const NOTHING = {};

export function listenForChanges(client: StationClient, queries: QueryClient): void {
  const put = <M extends MethodName>(
    method: M,
    change: (old: Output<M> | undefined) => Output<M> | undefined,
  ): void => {
    queries.setQueryData<Output<M>>([method, NOTHING], change);
  };
  const stale = (...methods: readonly MethodName[]): void => {
    for (const method of methods) void queries.invalidateQueries({ queryKey: [method] });
  };
  const inBay = (bayName: string, change: (bay: Bay) => Bay): void => {
    put('bays.list', (bays) => bays?.map((bay) => (bay.bayName === bayName ? change(bay) : bay)));
  };

  client.on('session.changed', (session) => {
    const before = queries.getQueryData<Output<'session.get'>>(['session.get', NOTHING]);
    put('session.get', () => session);
    if (
      before?.operator?.operatorName !== session.operator?.operatorName ||
      before?.practice !== session.practice
    ) {
      queries.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'session.get' && queryKey[0] !== 'settings.get',
      });
    } else stale('authority.get', 'orders.list');
  });
  client.on('bay.changed', (bay) => inBay(bay.bayName, () => bay));
  client.on('bay.progress', ({ bayName, runId, progress }) =>
    inBay(bayName, (bay) => (bay.run?.runId === runId ? { ...bay, run: { ...bay.run, progress } } : bay)),
  );
  client.on('bays.layoutChanged', () => stale('bays.list', 'bays.ports'));
  client.on('ports.changed', (ports) => put('bays.ports', () => ports));
  client.on('order.changed', (order) => {
    put('orders.list', (orders) =>
      orders?.map((known: Order) => (known.orderId === order.orderId ? order : known)),
    );
    stale('orders.report');
  });
  client.on('batch.changed', (batch) =>
    queries.setQueryData<Output<'batch.get'>>(['batch.get', { orderId: batch.orderId }], { batch }),
  );
  client.on('folder.changed', (work) =>
    queries.setQueryData<Output<'folder.get'>>(['folder.get', { orderId: work.orderId }], {
      ...{ work, proposedFolder: work.folder },
    }),
  );
  client.on('conditions.changed', (conditions) => put('session.conditions', () => conditions));
  client.on('inventory.changed', () =>
    stale('inventory.query', 'inventory.device', 'audit.page', 'shift.get'),
  );
  client.on('settings.changed', (settings) => put('settings.get', () => settings));
}
