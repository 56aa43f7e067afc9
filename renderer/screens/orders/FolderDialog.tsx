// An order whose devices are files: each gets a folder of its own in one that is chosen here, private key included.

import { type ReactNode, useState } from 'react';
import type { FolderWork } from '../../../core/contract/schemas/issuing.ts';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import type { TargetView } from '../../../core/contract/schemas/targets.ts';
import { Field } from '../../components/controls.tsx';
import { NewPassphrase } from '../../components/NewPassphrase.tsx';
import { Facts, FailureNote, Meter } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { isTypedTwice, NO_PASSPHRASE } from '../../passphraseDraft.ts';
import { useWords } from '../../words/words.tsx';
import { IssuingDialog, isUnderWay } from './IssuingDialog.tsx';
import { isNumbering, NumberingFields, numberingOf, useNumbering } from './NumberingFields.tsx';

function Progress({ work }: { work: FolderWork }): ReactNode {
  const { t, fill, number, duration } = useWords();
  const { passed, quantity, failed, devicesPerSecond: rate, folder, failure, failedSerial } = work;
  const done = fill(t.batch.done, { n: number(passed), count: number(quantity) });
  return (
    <>
      <Meter passed={passed} failed={failed} quantity={quantity} label={`${t.folder.progress}: ${done}`} />
      <Facts
        facts={[
          [t.folder.progress, <span key="done">{`${done} · ${t.folder.states[work.state]}`}</span>],
          ...(work.deviceSerial === undefined
            ? []
            : [
                [
                  t.folder.inWork,
                  <span key="serial" className="mono">{`${work.deviceSerial}`}</span>,
                ] as const,
              ]),
          ...(isUnderWay(work.state) && rate !== undefined && rate > 0
            ? [[t.batch.remaining, duration(((quantity - passed) / rate) * 1_000)] as const]
            : []),
          ...(failed === 0 ? [] : [[t.folder.failed, number(failed)] as const]),
          [t.folder.folder, <span key="path" className="mono wrap-anywhere">{`${folder}`}</span>],
        ]}
      />
      {failure === undefined ? null : (
        <>
          {failedSerial === undefined ? null : (
            <p className="small">{fill(t.folder.failureOf, { serial: failedSerial })}</p>
          )}
          <FailureNote error={failure} />
        </>
      )}
    </>
  );
}

export function FolderDialog({
  order,
  target,
  onClose,
}: {
  order: Order;
  target: TargetView;
  onClose: () => void;
}): ReactNode {
  const { t, fill, plural } = useWords();
  const { orderId } = order;
  const { work, proposedFolder } = useAsk('folder.get', { orderId }).data ?? {};
  const start = useAct('folder.start');
  const stop = useAct('folder.stop');
  const [typed, setTyped] = useState<string>();
  const [numbering, setNumbering] = useNumbering();
  const [secret, setSecret] = useState(NO_PASSPHRASE);
  const folder = typed ?? proposedFolder ?? '';
  const numbered = order.listedSerials === 0;
  const withPassphrase = target.fileFormats?.includes('pkcs12') === true;
  return (
    <IssuingDialog
      title={fill(t.folder.title, { name: order.name })}
      lead={plural(t.folder.lead, order.quantity)}
      words={t.folder}
      state={work?.state}
      progress={work === undefined ? null : <Progress work={work} />}
      begun={order.progress.passed > 0}
      left={order.progress.remaining > 0 && work?.state !== 'full'}
      ready={
        folder.trim() !== '' &&
        (!numbered || isNumbering(numbering)) &&
        (!withPassphrase || isTypedTwice(secret))
      }
      start={start}
      stop={stop}
      onStart={() =>
        start.mutate({
          ...{ orderId, folder: folder.trim() },
          ...(numbered ? { numbering: numberingOf(numbering) } : {}),
          ...(withPassphrase ? { passphrase: secret.passphrase } : {}),
        })
      }
      onStop={() => stop.mutate({})}
      onClose={onClose}
    >
      <Field
        label={t.folder.folder}
        hint={t.folder.folderHint}
        mono
        wide
        maxLength={4_096}
        value={folder}
        onChange={setTyped}
      />
      <div className="trust-fields">
        {numbered ? <NumberingFields draft={numbering} onChange={setNumbering} /> : null}
        {withPassphrase ? (
          <NewPassphrase
            label={t.folder.passphrase}
            hint={t.folder.passphraseHint}
            draft={secret}
            change={(values) => setSecret((old) => ({ ...old, ...values }))}
          />
        ) : null}
      </div>
    </IssuingDialog>
  );
}
