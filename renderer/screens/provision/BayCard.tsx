// One bay on the bench: what is plugged in, what happens, and one verdict that can be read from two metres.

import { memo, type ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { Bay } from '../../../core/contract/schemas/bays.ts';
import { Button, Switch } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { ScrollArea } from '../../components/ScrollArea.tsx';
import { useBenchActions } from '../../data/bench.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { Running } from './Running.tsx';
import { Verdict } from './Verdict.tsx';

const REPLACEABLE: readonly string[] = ['already_provisioned', 'slot_taken'];

function Waiting({ bay }: { bay: Bay }): ReactNode {
  const { t } = useWords();
  const [icon, title, text] =
    bay.state === 'unbound'
      ? ['ui/close', t.provision.unboundTitle, t.provision.unbound]
      : bay.state === 'ready'
        ? ['ui/scan', t.provision.readyTitle, bay.handsFree ? t.provision.readyHandsFree : t.provision.ready]
        : ['ui/usb', t.provision.emptyTitle, t.provision.empty];
  return (
    <div className="bay-waiting">
      <Icon name={icon} size={56} />
      <h2>{title}</h2>
      <p className="dim">{text}</p>
    </div>
  );
}

/** The device was switched off and on by hand. */
function Restarted({ bayName }: { bayName: string }): ReactNode {
  const { t, fill } = useWords();
  const confirm = useAct('bays.confirmRestart');
  return (
    <Button
      look="primary"
      icon="ui/check"
      isDisabled={confirm.isPending}
      aria-label={fill(t.provision.restartedBay, { bay: bayName })}
      onPress={() => confirm.mutate({ bayName })}
    >
      {t.provision.restarted}
    </Button>
  );
}

function Actions({ bay, onReplace }: { bay: Bay; onReplace: (bayName: string) => void }): ReactNode {
  const { t, fill } = useWords();
  const { retry, stop } = useBenchActions();
  const { bayName, state, run } = bay;
  if (state === 'running' || state === 'stopping') {
    return (
      <>
        {run?.awaitsRestart === true && state === 'running' ? <Restarted bayName={bayName} /> : null}
        <Button
          icon="ui/stop"
          isDisabled={state === 'stopping'}
          aria-label={fill(t.provision.stopBay, { bay: bayName })}
          onPress={() => stop(bayName)}
        >
          {state === 'stopping' ? t.provision.stopping : t.provision.stop}
        </Button>
      </>
    );
  }
  if (run?.outcome === undefined || run.outcome === 'pass' || bay.port === undefined) return null;
  const replaceable = run.failure !== undefined && REPLACEABLE.includes(run.failure.code);
  return (
    <>
      <Button
        look="primary"
        icon="ui/retry"
        aria-label={fill(t.provision.retryBay, { bay: bayName })}
        onPress={() => retry(bayName, false)}
      >
        {t.provision.retry}
      </Button>
      {replaceable ? <Button onPress={() => onReplace(bayName)}>{t.provision.replace}</Button> : null}
    </>
  );
}

export interface BayCardProps {
  readonly bay: Bay;
  readonly chosen: boolean;
  /** Place in the grid, counted from 1. */
  readonly column: number;
  readonly row: number;
  readonly onReplace: (bayName: string) => void;
}

export const BayCard = memo(function BayCard({
  bay,
  chosen,
  column,
  row,
  onReplace,
}: BayCardProps): ReactNode {
  const { t, fill } = useWords();
  const { choose } = useBenchActions();
  const handsFree = useAct('bays.setHandsFree');
  const { bayName, state, run, port } = bay;
  const outcome = state === 'done' ? run?.outcome : undefined;
  return (
    <section
      className="bay"
      aria-label={fill(t.provision.bay, { bay: bayName })}
      data-state={state}
      {...(outcome === undefined ? {} : { 'data-outcome': outcome })}
      {...(chosen ? { 'data-chosen': '' } : {})}
      style={{ gridColumn: column, gridRow: row }}
    >
      <header className="bay-head">
        <AriaButton
          className="bay-name"
          aria-label={fill(t.provision.selectBay, { bay: bayName })}
          onPress={() => choose(bayName)}
        >
          {bayName}
        </AriaButton>
        <div className="bay-port">
          <div className="cut">{port?.product ?? '–'}</div>
          <div className="cut mono dim bay-usb">
            {port?.usbSerialNumber ?? port?.location ?? bay.binding?.value}
          </div>
        </div>
      </header>
      <ScrollArea className="bay-main">
        {(state === 'running' || state === 'stopping') && run !== undefined ? <Running run={run} /> : null}
        {state === 'done' && run !== undefined ? <Verdict run={run} handsFree={bay.handsFree} /> : null}
        {state === 'ready' || state === 'empty' || state === 'unbound' ? <Waiting bay={bay} /> : null}
      </ScrollArea>
      <footer className="bay-foot">
        <Switch
          label={t.provision.handsFree}
          hideLabel={fill(t.provision.handsFreeLabel, { bay: bayName })}
          on={bay.handsFree}
          disabled={state === 'unbound'}
          onChange={(enabled) => handsFree.mutate({ bayName, enabled })}
        />
        <div className="bay-actions">
          <Actions bay={bay} onReplace={onReplace} />
        </div>
      </footer>
    </section>
  );
});

BayCard.displayName = 'BayCard';
