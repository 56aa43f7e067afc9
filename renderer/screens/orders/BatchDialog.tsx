// Keys and certificates for all of an order's devices at once, as a file for a programming house.

import { type ReactNode, useState } from 'react';
import type { Batch } from '../../../core/contract/schemas/issuing.ts';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button, Field, Switch } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Meter, Note } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { isNumbering, NumberingFields, numberingOf, useNumbering } from './NumberingFields.tsx';

const isUnderWay = (batch: Batch | undefined): boolean =>
  batch?.state === 'running' || batch?.state === 'stopping';

function Progress({ batch }: { batch: Batch }): ReactNode {
  const { t, fill, number, bytes, duration } = useWords();
  const toasts = useToasts();
  const { issuedCount, count, devicesPerSecond: rate, path, sizeBytes } = batch;
  const underWay = isUnderWay(batch);
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
  const [agreed, setAgreed] = useState(false);
  const underWay = isUnderWay(batch);
  const count = Number(typed);
  const wrong = count < 1 || count > quantity;
  const left = (batch?.issuedCount ?? 0) < quantity;
  const numbered = order.listedSerials === 0 && batch === undefined;
  const ready = agreed && !wrong && !start.isPending && (!numbered || isNumbering(numbering));
  const submit = (): void => {
    if (!ready) return;
    start.mutate({ orderId, count, ...(numbered ? { numbering: numberingOf(numbering) } : {}) });
  };
  return (
    <Dialog
      title={fill(t.batch.title, { name: order.name })}
      onClose={onClose}
      widthPx={760}
      actions={
        underWay ? (
          <>
            <Button onPress={onClose}>{t.common.close}</Button>
            <Button
              look="danger"
              isDisabled={stop.isPending || batch?.state === 'stopping'}
              onPress={() => stop.mutate({})}
            >
              {t.batch.stop}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={onClose}>{t.common.close}</Button>
            {left ? (
              <Button look="primary" icon="phases/key" isDisabled={!ready} onPress={submit}>
                {batch === undefined ? t.batch.start : t.batch.resume}
              </Button>
            ) : null}
          </>
        )
      }
    >
      <div className="stack">
        <p className="dim">
          {order.listedSerials === 0 ? t.batch.lead : plural(t.batch.leadListed, order.listedSerials)}
        </p>
        {batch === undefined ? null : <Progress batch={batch} />}
        {underWay ? (
          <p className="small dim">{t.batch.meanwhile}</p>
        ) : left ? (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
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
            <Note look="warning" icon="ui/warning">
              <p>
                <strong>{t.batch.warning}</strong>
              </p>
              <p>{t.batch.warningNext}</p>
            </Note>
            <Switch label={t.batch.agree} on={agreed} onChange={setAgreed} />
            <button type="submit" hidden />
          </form>
        ) : null}
        <FailureNote error={start.error ?? stop.error} />
      </div>
    </Dialog>
  );
}
