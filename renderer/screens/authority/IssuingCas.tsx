// The issuing CAs: which signs what, how far each has come, and the way to the next one.

import { type ReactNode, useState } from 'react';
import type { AuthorityView, IssuingCa } from '../../../core/contract/schemas/authority.ts';
import { Button } from '../../components/controls.tsx';
import { Meter, Panel } from '../../components/parts.tsx';
import { useWords } from '../../words/words.tsx';
import { AssignDialog, LimitsDialog, RollOverDialog } from './caDialogs.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { InstallDialog, RequestDialog } from './offlineDialogs.tsx';
import { RevokeCaDialog } from './RevokeCaDialog.tsx';

type Asked =
  | { readonly what: 'limits' | 'use' | 'revoke'; readonly ca: IssuingCa }
  | { readonly what: 'install'; readonly request: AuthorityView['requests'][number] }
  | { readonly what: 'roll-over' | 'request' | 'import' };

function Signs({ ca, alone }: { ca: IssuingCa; alone: boolean }): ReactNode {
  const { t } = useWords();
  if (ca.revoked) return <span className="tag tag-bad">{t.cas.revoked}</span>;
  if (ca.active)
    return <span className="tag tag-good">{alone ? t.cas.everything : t.cas.everythingElse}</span>;
  if (ca.profiles.length === 0) return <span className="dim">{t.cas.nothing}</span>;
  return <span className="wrap-anywhere">{ca.profiles.join(', ')}</span>;
}

function Used({ ca }: { ca: IssuingCa }): ReactNode {
  const { t, fill, number, plural } = useWords();
  if (ca.quota === undefined) return <span>{number(ca.used)}</span>;
  const left = Math.max(0, ca.quota - ca.used);
  const label = fill(t.cas.ofQuota, { used: number(ca.used), quota: number(ca.quota) });
  const low = left < ca.quota / 10;
  return (
    <div className="stack stack-tight">
      <span>{label}</span>
      <Meter
        passed={low ? 0 : ca.used}
        failed={low ? ca.used : 0}
        quantity={ca.quota}
        label={`${label}, ${plural(t.cas.left, left)}`}
      />
      <span className="small dim">{plural(t.cas.left, left)}</span>
    </div>
  );
}

function Until({ ca }: { ca: IssuingCa }): ReactNode {
  const { date, t } = useWords();
  const { notAfterMs } = ca.certificate;
  const ends = Math.min(notAfterMs ?? Number.POSITIVE_INFINITY, ca.endsAtMs ?? Number.POSITIVE_INFINITY);
  if (ends === Number.POSITIVE_INFINITY) return t.common.noExpiry;
  const leftMs = ends - Date.now();
  const look = leftMs < 0 ? 'tag tag-bad' : leftMs < 180 * 86_400_000 ? 'tag tag-warning' : undefined;
  return look === undefined ? date(ends) : <span className={look}>{date(ends)}</span>;
}

export function IssuingCas({
  authority,
  supervisor,
}: {
  authority: AuthorityView;
  supervisor: boolean;
}): ReactNode {
  const { t, fill } = useWords();
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  const cas = [...authority.issuingCas].reverse();
  const { rootHere } = authority;
  const alone = cas.every((one) => one.profiles.length === 0);
  return (
    <Panel
      title={t.cas.title}
      className="scroll-panel"
      actions={
        supervisor ? (
          <>
            <Button small icon="ui/plus" onPress={() => setAsked({ what: 'import' })}>
              {t.cas.import}
            </Button>
            <Button
              small
              look={rootHere ? 'plain' : 'primary'}
              icon="ui/orders"
              onPress={() => setAsked({ what: 'request' })}
            >
              {t.cas.request}
            </Button>
            {rootHere ? (
              <Button
                small
                look="primary"
                icon="phases/issue"
                onPress={() => setAsked({ what: 'roll-over' })}
              >
                {t.cas.rollOver}
              </Button>
            ) : null}
          </>
        ) : undefined
      }
    >
      <div className="scroll">
        <p className="panel-lead dim">{t.cas.lead}</p>
        <table className="plain-table ca-table">
          <thead>
            <tr>
              <th>{t.cas.ca}</th>
              <th>{t.cas.signs}</th>
              <th>{t.cas.used}</th>
              <th>{t.cas.until}</th>
              <th>{t.cas.key}</th>
              {supervisor ? (
                <th>
                  <span className="unseen">{t.common.details}</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {[...authority.requests].reverse().map((request) => (
              <tr key={request.label}>
                <td>
                  <strong>{fill(t.lists.issuing, { label: request.label })}</strong>
                  <p className="small dim wrap-anywhere">{request.subject}</p>
                </td>
                <td colSpan={4}>
                  <span className="tag">{t.cas.waits}</span>
                </td>
                {supervisor ? (
                  <td>
                    <div className="row ca-actions">
                      <Button
                        small
                        aria-label={fill(t.cas.installOf, { label: request.label })}
                        onPress={() => setAsked({ what: 'install', request })}
                      >
                        {t.cas.install}
                      </Button>
                    </div>
                  </td>
                ) : null}
              </tr>
            ))}
            {cas.map((ca) => (
              <tr key={ca.label}>
                <td>
                  <strong>{fill(t.lists.issuing, { label: ca.label })}</strong>
                  <p className="small dim wrap-anywhere">{ca.certificate.subject}</p>
                </td>
                <td>
                  <Signs ca={ca} alone={alone} />
                </td>
                <td>
                  <Used ca={ca} />
                </td>
                <td className="no-wrap">
                  <Until ca={ca} />
                </td>
                <td>{ca.custody === 'file' ? t.cas.file : t.cas.token}</td>
                {supervisor ? (
                  <td>
                    <div className="row ca-actions">
                      <Button
                        small
                        aria-label={fill(t.cas.limitsOf, { label: ca.label })}
                        onPress={() => setAsked({ what: 'limits', ca })}
                      >
                        {t.cas.limits}
                      </Button>
                      <Button
                        small
                        isDisabled={cas.length === 1 || ca.revoked}
                        aria-label={fill(t.cas.useOf, { label: ca.label })}
                        onPress={() => setAsked({ what: 'use', ca })}
                      >
                        {t.cas.use}
                      </Button>
                      <Button
                        small
                        look="danger"
                        isDisabled={ca.revoked}
                        aria-label={fill(t.cas.revokeOf, { label: ca.label })}
                        onPress={() => setAsked({ what: 'revoke', ca })}
                      >
                        {t.cas.revoke}
                      </Button>
                    </div>
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asked?.what === 'roll-over' ? <RollOverDialog alone={alone} onClose={close} /> : null}
      {asked?.what === 'import' ? <ImportDialog onClose={close} /> : null}
      {asked?.what === 'request' ? <RequestDialog onClose={close} /> : null}
      {asked?.what === 'install' ? <InstallDialog request={asked.request} onClose={close} /> : null}
      {asked?.what === 'limits' ? <LimitsDialog ca={asked.ca} onClose={close} /> : null}
      {asked?.what === 'revoke' ? <RevokeCaDialog ca={asked.ca} onClose={close} /> : null}
      {asked?.what === 'use' ? <AssignDialog ca={asked.ca} onClose={close} /> : null}
    </Panel>
  );
}
