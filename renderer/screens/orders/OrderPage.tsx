// One work order: its figures, what failed, what is open; and the way to work on it or close it.

import { type ReactNode, useState } from 'react';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button } from '../../components/controls.tsx';
import { Confirm } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Figure, Panel } from '../../components/parts.tsx';
import { ScrollArea } from '../../components/ScrollArea.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { saveText } from '../../files.ts';
import { useNavigation } from '../../navigation.ts';
import { useWords } from '../../words/words.tsx';
import { BatchDialog } from './BatchDialog.tsx';
import { credentialWords } from './credentialWords.ts';
import { FolderDialog } from './FolderDialog.tsx';
import { ManifestDialog } from './ManifestDialog.tsx';
import { PasswordsDialog } from './PasswordsDialog.tsx';
import { reportCsv } from './reportCsv.ts';

const OPEN_SHOWN = 12;

export function OrderPage({ order }: { order: Order }): ReactNode {
  const words = useWords();
  const { t, fill, plural, percent, number, moment, failure } = words;
  const { go } = useNavigation();
  const toasts = useToasts();
  const report = useAsk('orders.report', { orderId: order.orderId }).data;
  const select = useAct('orders.select', ['orders.list']);
  const close = useAct('orders.close', ['orders.list']);
  const [closing, setClosing] = useState(false);
  const [asked, setAsked] = useState<'batch' | 'folder' | 'manifest' | 'passwords'>();
  const target = useAsk('catalog.get', {}).data?.targets.find(({ name }) => name === order.targetName);
  const isFiles = target?.fileFormats !== undefined;
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const { passed, failed, remaining, runs, yield: share, firstPassYield } = order.progress;
  const closed = order.closedAtMs !== undefined;
  const save = (): void => {
    if (report !== undefined)
      saveText(reportCsv(report, t), `${order.name.replace(/[^\w.-]+/g, '_')}-report.csv`, 'text/csv');
  };
  return (
    <Panel className="order-page">
      <ScrollArea className="panel-body scroll stack order-facts">
        <div>
          <h2 className="wrap-anywhere" style={{ fontSize: 'var(--t-title)' }}>
            {order.name}
          </h2>
          <p className="dim small">
            {order.listedSerials === 0 ? t.orders.anySerial : plural(t.orders.listed, order.listedSerials)}
          </p>
        </div>
        <div className="figures">
          <Figure label={t.orders.passed} value={number(passed)} />
          <Figure label={t.orders.failed} value={number(failed)} />
          <Figure label={t.orders.remaining} value={number(remaining)} />
          <Figure label={t.orders.yield} value={percent(share)} />
          <Figure label={t.orders.firstPass} value={percent(firstPassYield)} />
          <Figure label={t.orders.runs} value={number(runs)} />
        </div>
        <Facts
          facts={[
            [t.orders.target, order.targetName],
            [t.orders.profile, order.profileName],
            [t.orders.credential, credentialWords(words, order.passwordPolicy)],
            ...(order.checkReboot || order.seal
              ? [
                  [
                    t.orders.lastChecks,
                    [order.checkReboot ? t.orders.checkReboot : '', order.seal ? t.orders.seal : '']
                      .filter(Boolean)
                      .join(', '),
                  ] as const,
                ]
              : []),
            [t.orders.created, moment(order.createdAtMs)],
            ...(order.closedAtMs === undefined
              ? []
              : [[t.orders.closedAt, moment(order.closedAtMs)] as const]),
            ...(report?.medianRunSeconds === undefined
              ? []
              : [
                  [
                    t.orders.medianRun,
                    fill(t.common.seconds, { seconds: number(report.medianRunSeconds, 1) }),
                  ] as const,
                ]),
          ]}
        />
        {isFiles && !closed && !supervisor ? <p className="small dim">{t.folder.askSupervisor}</p> : null}
        {supervisor ? (
          <div className="row row-end">
            {order.passwordPolicy === undefined ? (
              <Button small icon="phases/issue" onPress={() => setAsked('batch')}>
                {t.batch.open}
              </Button>
            ) : null}
            <Button small icon="ui/save" onPress={() => setAsked('manifest')}>
              {t.delivery.open}
            </Button>
            <Button small icon="phases/key" onPress={() => setAsked('passwords')}>
              {t.passwords.open}
            </Button>
          </div>
        ) : null}
        {report === undefined || report.failures.length === 0 ? null : (
          <div>
            <h3>{t.orders.failures}</h3>
            <ul className="stack stack-tight" style={{ marginTop: 4 }}>
              {report.failures.map(({ code, count }) => (
                <li key={code} className="row">
                  <strong className="number" style={{ minWidth: 28 }}>
                    {number(count)}
                  </strong>
                  <span>{failure({ code, details: {} }).what}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {report === undefined || report.openSerials.length === 0 ? null : (
          <div>
            <h3>{t.orders.openSerials}</h3>
            <p className="mono small wrap-anywhere" style={{ marginTop: 4 }}>
              {report.openSerials.slice(0, OPEN_SHOWN).join('  ')}
              {remaining > OPEN_SHOWN
                ? `  ${fill(t.orders.more, { n: number(remaining - OPEN_SHOWN) })}`
                : ''}
            </p>
          </div>
        )}
        <FailureNote error={select.error ?? close.error} />
      </ScrollArea>
      <footer className="dialog-foot">
        <Button icon="ui/save" onPress={save} isDisabled={report === undefined}>
          {t.orders.report}
        </Button>
        {closed ? null : <Button onPress={() => setClosing(true)}>{t.orders.close}</Button>}
        {closed || !isFiles || !supervisor ? null : (
          <Button look="primary" icon="phases/key" onPress={() => setAsked('folder')}>
            {t.folder.open}
          </Button>
        )}
        {closed || order.current || isFiles ? null : (
          <Button look="primary" onPress={() => select.mutate({ orderId: order.orderId })}>
            {t.orders.select}
          </Button>
        )}
        {order.current ? (
          <Button look="primary" icon="ui/provision" onPress={() => go({ screen: 'provision' })}>
            {t.navigation.provision}
          </Button>
        ) : null}
      </footer>
      {asked === 'batch' ? <BatchDialog order={order} onClose={() => setAsked(undefined)} /> : null}
      {asked === 'folder' && target !== undefined ? (
        <FolderDialog order={order} target={target} onClose={() => setAsked(undefined)} />
      ) : null}
      {asked === 'manifest' ? <ManifestDialog order={order} onClose={() => setAsked(undefined)} /> : null}
      {asked === 'passwords' ? <PasswordsDialog order={order} onClose={() => setAsked(undefined)} /> : null}
      {closing ? (
        <Confirm
          title={t.orders.closeTitle}
          note={remaining === 0 ? t.orders.closeDone : plural(t.orders.closeNote, remaining)}
          confirm={t.orders.closeConfirm}
          look={remaining === 0 ? 'primary' : 'danger'}
          pending={close.isPending}
          onConfirm={() =>
            close.mutate(
              { orderId: order.orderId },
              {
                onSuccess: (made) => {
                  saveText(
                    reportCsv(made, t),
                    `${order.name.replace(/[^\w.-]+/g, '_')}-report.csv`,
                    'text/csv',
                  );
                  toasts.say(fill(t.orders.reportTitle, { name: order.name }));
                },
                onSettled: () => setClosing(false),
              },
            )
          }
          onClose={() => setClosing(false)}
        />
      ) : null}
    </Panel>
  );
}
