// Keys and certificates for all of an order's devices at once, as a file for a programming house.

import { type ReactNode, useState } from 'react';
import type { Batch } from '../../../core/contract/schemas/issuing.ts';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button, Field } from '../../components/controls.tsx';
import { Facts, FailureNote, Meter } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { IssuingDialog, isUnderWay } from './IssuingDialog.tsx';
import { isNumbering, NumberingFields, numberingOf, useNumbering } from './NumberingFields.tsx';

function Progress({ batch }: { batch: Batch }): ReactNode {
  const { t, fill, number, bytes, duration } = useWords();
  const toasts = useToasts();
  const { issuedCount, count, devicesPerSecond: rate, path, sizeBytes } = batch;
  const underWay = isUnderWay(batch.state);
  const done = fill(t.batch.done, { n: number(issuedCount), count: number(count) });
  return (
    <>
      <Meter passed={issuedCount} failed={0} quantity={count} label={`${t.batch.progress}: ${done}`} />
      <Facts
        facts={[
          [t.batch.progress, <span key="done">{`${done} · ${t.batch.states[batch.state]}`}</span>],
          ...(underWay && rate !== undefined && rate > 0
            ? [
                [t.batch.rate, number(rate)] as const,
                [t.batch.remaining, duration(((count - issuedCount) / rate) * 1_000)] as const,
              ]
            : []),
          [t.batch.file, <span key="path" className="mono wrap-anywhere">{`${path}`}</span>],
          [t.batch.size, bytes(sizeBytes)],
        ]}
      />
      <div className="row">
        <Button
          small
          onPress={() => {
            void navigator.clipboard.writeText(path).then(() => toasts.say(t.common.copied));
          }}
        >
          {t.batch.copyPath}
        </Button>
      </div>
      {batch.failure === undefined ? null : <FailureNote error={batch.failure} />}
    </>
  );
}

export function BatchDialog({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { t, fill, number, plural } = useWords();
  const { orderId, quantity } = order;
  const batch = useAsk('batch.get', { orderId }).data?.batch;
  const start = useAct('batch.start');
  const stop = useAct('batch.stop');
  const [typed, setTyped] = useState(String(quantity));
  const [numbering, setNumbering] = useNumbering();
  const count = Number(typed);
  const wrong = count < 1 || count > quantity;
  const numbered = order.listedSerials === 0 && batch === undefined;
  return (
    <IssuingDialog
      title={fill(t.batch.title, { name: order.name })}
      lead={order.listedSerials === 0 ? t.batch.lead : plural(t.batch.leadListed, order.listedSerials)}
      words={t.batch}
      state={batch?.state}
      progress={batch === undefined ? null : <Progress batch={batch} />}
      begun={batch !== undefined}
      left={(batch?.issuedCount ?? 0) < quantity}
      ready={!wrong && (!numbered || isNumbering(numbering))}
      start={start}
      stop={stop}
      onStart={() =>
        start.mutate({ orderId, count, ...(numbered ? { numbering: numberingOf(numbering) } : {}) })
      }
      onStop={() => stop.mutate({})}
      onClose={onClose}
    >
      <div className="trust-fields">
        <Field
          label={t.batch.count}
          numeric
          value={typed}
          onChange={(text) => setTyped(text.replace(/\D/g, '').slice(0, 7))}
          hint={t.batch.countHint}
          error={wrong ? fill(t.batch.countWrong, { limit: number(quantity) }) : undefined}
        />
        {numbered ? <NumberingFields draft={numbering} onChange={setNumbering} /> : null}
      </div>
    </IssuingDialog>
  );
}
