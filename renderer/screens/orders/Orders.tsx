// Work orders: the list with its progress, and beside it the report on the one that is chosen.

import { type ReactNode, useState } from 'react';
import { GridList, GridListItem } from 'react-aria-components';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button } from '../../components/controls.tsx';
import { Empty, FailureState, Meter, Panel, Screen } from '../../components/parts.tsx';
import { useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { NewOrderDialog } from './NewOrderDialog.tsx';
import { OrderPage } from './OrderPage.tsx';

export function OrderState({ order }: { order: Order }): ReactNode {
  const { t } = useWords();
  if (order.current) return <span className="tag tag-accent">{t.orders.current}</span>;
  if (order.closedAtMs !== undefined) return <span className="tag">{t.orders.closed}</span>;
  if (order.progress.remaining === 0) return <span className="tag tag-good">{t.orders.complete}</span>;
  return <span className="tag">{t.orders.open}</span>;
}

function OrderRow({ order }: { order: Order }): ReactNode {
  const { t, fill, percent, number } = useWords();
  const { passed, failed } = order.progress;
  const share = fill(t.common.ofTotal, { part: number(passed), total: number(order.quantity) });
  return (
    <div className="order-cells">
      <div>
        <p className="order-name wrap-anywhere">{order.name}</p>
        <p className="row small dim">
          <OrderState order={order} />{' '}
          <span className="cut">
            {order.targetName} · {order.profileName}
          </span>
        </p>
      </div>
      <div>
        <p className="row small">
          <strong>{share}</strong>
          <span className="spring" />
          <span className="dim">
            {failed === 0 ? '' : `${number(failed)} ${t.orders.failed.toLowerCase()}`}
          </span>
        </p>
        <Meter passed={passed} failed={failed} quantity={order.quantity} label={share} />
      </div>
      <div className="number">
        <strong>{percent(order.progress.yield)}</strong>
        <p className="small dim">{t.orders.yield}</p>
      </div>
    </div>
  );
}

export function Orders(): ReactNode {
  const { t } = useWords();
  const asked = useAsk('orders.list', {});
  const [chosen, setChosen] = useState<string>();
  const [creating, setCreating] = useState(false);
  const orders = asked.data ?? [];
  const shown =
    orders.find((order) => order.orderId === chosen) ?? orders.find((order) => order.current) ?? orders[0];
  const create = (
    <Button look="primary" icon="ui/plus" onPress={() => setCreating(true)}>
      {t.orders.new}
    </Button>
  );
  return (
    <Screen title={t.orders.title} actions={orders.length > 0 ? create : undefined}>
      {asked.error !== null ? (
        <FailureState error={asked.error} retry={() => void asked.refetch()} />
      ) : asked.data?.length === 0 ? (
        <Empty icon="ui/orders" title={t.orders.empty} next={t.orders.emptyNext} action={create} />
      ) : (
        <div className="split">
          <Panel className="scroll">
            <GridList
              aria-label={t.orders.title}
              selectionMode="single"
              selectionBehavior="replace"
              disallowEmptySelection
              selectedKeys={shown === undefined ? [] : [shown.orderId]}
              onSelectionChange={(keys) => {
                const [key] = keys === 'all' ? [] : keys;
                if (key !== undefined) setChosen(String(key));
              }}
            >
              {orders.map((order) => (
                <GridListItem
                  key={order.orderId}
                  id={order.orderId}
                  textValue={order.name}
                  className="order-row"
                >
                  <OrderRow order={order} />
                </GridListItem>
              ))}
            </GridList>
          </Panel>
          {shown === undefined ? <Panel>{null}</Panel> : <OrderPage key={shown.orderId} order={shown} />}
        </div>
      )}
      {creating ? (
        <NewOrderDialog
          onClose={() => setCreating(false)}
          onCreated={(order) => {
            setChosen(order.orderId);
            setCreating(false);
          }}
        />
      ) : null}
    </Screen>
  );
}
