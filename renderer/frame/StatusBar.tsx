// What must be known at every moment: station, order, operator, lock; and the key that stops everything.

import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { Session } from '../../core/contract/schemas/session.ts';
import { Icon } from '../components/Icon.tsx';
import { Meter } from '../components/parts.tsx';
import { useBench, useBenchActions } from '../data/bench.tsx';
import { useNow } from '../data/now.ts';
import { useAsk, useStation } from '../data/station.tsx';
import { useNavigation } from '../navigation.ts';
import { useWords } from '../words/words.tsx';
import { Mark } from './Mark.tsx';

function OrderCell(): ReactNode {
  const { t, fill, number } = useWords();
  const order = useAsk('orders.list', {}).data?.find((one) => one.current);
  if (order === undefined) {
    return (
      <div className="bar-cell bar-order">
        <span className="bar-cell-label">{t.status.order}</span>
        <span className="bar-cell-value">{t.status.noOrder}</span>
      </div>
    );
  }
  const { passed, failed } = order.progress;
  const share = fill(t.common.ofTotal, { part: number(passed), total: number(order.quantity) });
  return (
    <div className="bar-cell bar-order">
      <span className="row">
        <span className="bar-cell-value cut">{order.name}</span>
        <span className="spring" />
        <span className="bar-cell-label">{share}</span>
      </span>
      <Meter
        passed={passed}
        failed={failed}
        quantity={order.quantity}
        label={`${t.provision.orderProgress}: ${share}`}
      />
    </div>
  );
}

function LockCell({ session, onUnlock }: { session: Session; onUnlock: () => void }): ReactNode {
  const { t, fill, duration } = useWords();
  const { go } = useNavigation();
  const { state, locksAtMs } = session.lock;
  const roughlyMs = useNow(20_000);
  // Its last minute is told in seconds.
  const nowMs = Math.max(roughlyMs, useNow(1_000, locksAtMs !== undefined && locksAtMs - roughlyMs < 80_000));
  const locked = state !== 'unlocked';
  const open = (): void =>
    state === 'locked' && session.operator?.role === 'supervisor' ? onUnlock() : go({ screen: 'authority' });
  return (
    <Button className={locked ? 'bar-button bar-locked' : 'bar-button'} onPress={open}>
      <Icon name={locked ? 'ui/lock' : 'ui/unlock'} size={22} />
      <span>
        <span className="bar-cell-value">{t.status[state]}</span>
        {!locked && locksAtMs !== undefined ? (
          <span className="bar-cell-label">
            <br />
            {fill(t.status.locksIn, { duration: duration(Math.max(0, locksAtMs - nowMs)) })}
          </span>
        ) : null}
      </span>
    </Button>
  );
}

export function StatusBar({ session, onUnlock }: { session: Session; onUnlock: () => void }): ReactNode {
  const { t } = useWords();
  const bench = useBench();
  const { stopAll } = useBenchActions();
  const { state } = useStation();
  const running = bench.bays.some((bay) => bay.state === 'running' || bay.state === 'stopping');
  return (
    <header className="bar">
      <div className="bar-mark">
        <Mark />
      </div>
      <div className="bar-cell bar-station">
        <span className="bar-cell-label cut">{session.station?.site}</span>
        <span className="bar-cell-value cut">{session.station?.stationName}</span>
      </div>
      <OrderCell />
      <div className="bar-cell bar-operator">
        <span className="bar-cell-label cut">
          {session.operator === undefined ? '' : t.roles[session.operator.role]}
        </span>
        <span className="bar-cell-value cut">{session.operator?.operatorName}</span>
      </div>
      <LockCell session={session} onUnlock={onUnlock} />
      <Button className="bar-button bar-stop" onPress={stopAll} isDisabled={!running || state === 'lost'}>
        <Icon name="ui/stop" size={24} />
        {t.status.stopAll}
        <kbd>F8</kbd>
      </Button>
    </header>
  );
}
