// The local CA: the chain as a picture, its lock and exports; its issuing CAs; what others trust it by; its profiles.

import { type ReactNode, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { AuthorityView } from '../../../core/contract/schemas/authority.ts';
import type { CertificateView } from '../../../core/contract/schemas/inventory.ts';
import { Button, LinkButton } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Empty, FailureState, Figure, Fingerprint, Panel, Screen } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { failureIn, useAct, useAsk } from '../../data/station.tsx';
import { saveFile } from '../../files.ts';
import { UnlockDialog } from '../../frame/UnlockDialog.tsx';
import { useNavigation } from '../../navigation.ts';
import { useWords } from '../../words/words.tsx';
import { CertificateFacts } from '../inventory/CredentialPanel.tsx';
import { Expiry } from './Expiry.tsx';
import { IssuingCas } from './IssuingCas.tsx';
import { KeychainPanel } from './KeychainPanel.tsx';
import { Lists } from './Lists.tsx';
import { Profiles } from './Profiles.tsx';
import { Servers } from './Servers.tsx';
import { TrustExport } from './TrustExport.tsx';

function ChainNode({
  icon,
  title,
  note,
  certificate,
}: {
  icon: string;
  title: string;
  note: string;
  certificate: CertificateView;
}): ReactNode {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <article className="chain-node">
      <Icon name={icon} size={40} />
      <div>
        <h3>{title}</h3>
        <p className="dim small">{note}</p>
      </div>
      <Expiry notAfterMs={certificate.notAfterMs} />
      <div className="chain-node-more">
        <p className="wrap-anywhere">{certificate.subject}</p>
        <Fingerprint hex={certificate.sha256} />
        <LinkButton onPress={() => setOpen(true)}>{t.common.details}</LinkButton>
      </div>
      {open ? (
        <Dialog title={title} onClose={() => setOpen(false)} widthPx={760}>
          <CertificateFacts certificate={certificate} />
        </Dialog>
      ) : null}
    </article>
  );
}

function Chain({ authority }: { authority: AuthorityView }): ReactNode {
  const { t, plural, number } = useWords();
  return (
    <Panel title={t.authority.chain}>
      <div className="chain">
        <ChainNode
          icon="ui/authority"
          title={t.authority.root}
          note={t.authority.rootNote}
          certificate={authority.root}
        />
        <div className="chain-wire" />
        <ChainNode
          icon="phases/issue"
          title={t.authority.issuing}
          note={t.authority.issuingNote}
          certificate={authority.issuing}
        />
        <div className="chain-wire" />
        <article className="chain-node chain-leaves">
          <Icon name="ui/inventory" size={40} />
          <div>
            <h3>{t.authority.devices}</h3>
            <p className="dim small">{plural(t.authority.devicesNote, authority.issuedCount)}</p>
          </div>
          <div className="figures">
            <Figure label={t.authority.live} value={number(authority.liveCount)} />
            <Figure label={t.authority.revoked} value={number(authority.revokedCount)} />
          </div>
        </article>
      </div>
    </Panel>
  );
}

function LockPanel({ authority, supervisor }: { authority: AuthorityView; supervisor: boolean }): ReactNode {
  const { t, fill, time } = useWords();
  const [unlocking, setUnlocking] = useState(false);
  const lock = useAct('authority.lock', ['authority.get']);
  const unlocked = authority.lock.state === 'unlocked';
  const note =
    unlocked && authority.lock.locksAtMs !== undefined
      ? fill(t.authority.unlockedNote, { time: time(authority.lock.locksAtMs) })
      : t.authority.lockedNote;
  return (
    <section className="panel lock-panel" data-lock={authority.lock.state} aria-label={t.status.authority}>
      <Icon name={unlocked ? 'ui/unlock' : 'ui/lock'} size={40} />
      <div>
        <h2>{unlocked ? t.authority.unlockedTitle : t.authority.lockedTitle}</h2>
        <p className="small">{note}</p>
      </div>
      <span className="spring" />
      {unlocked ? (
        <Button icon="ui/lock" onPress={() => lock.mutate({})}>
          {t.authority.lock}
        </Button>
      ) : supervisor ? (
        <Button look="primary" icon="ui/unlock" onPress={() => setUnlocking(true)}>
          {t.authority.unlock}
        </Button>
      ) : null}
      {unlocking ? <UnlockDialog onClose={() => setUnlocking(false)} /> : null}
    </section>
  );
}

function Exports(): ReactNode {
  const { t } = useWords();
  const toasts = useToasts();
  const get = useAct('authority.export');
  const rows = [
    ['root', t.authority.exportRoot, t.authority.exportRootNote],
    ['chain', t.authority.exportChain, t.authority.exportChainNote],
  ] as const;
  return (
    <Panel title={t.authority.exports}>
      {rows.map(([what, title, note]) => (
        <div key={what} className="export-row">
          <div>
            <strong>{title}</strong>
            <p className="small dim">{note}</p>
          </div>
          {(['pem', 'der'] as const).map((format) => (
            <Button
              key={format}
              small
              aria-label={`${title}, ${t.authority[format]}`}
              isDisabled={format === 'der' && what === 'chain'}
              onPress={() =>
                get.mutate({ what, format }, { onSuccess: saveFile, onError: (error) => toasts.fail(error) })
              }
            >
              {t.authority[format]}
            </Button>
          ))}
        </div>
      ))}
    </Panel>
  );
}

const TABS = ['chain', 'cas', 'trust', 'profiles'] as const;
type TabName = (typeof TABS)[number];

function Content({
  tab,
  authority,
  supervisor,
}: {
  tab: TabName;
  authority: AuthorityView;
  supervisor: boolean;
}): ReactNode {
  switch (tab) {
    case 'chain':
      return (
        <div className="authority">
          <div>
            <Chain authority={authority} />
          </div>
          <div>
            <LockPanel authority={authority} supervisor={supervisor} />
            {supervisor ? <KeychainPanel /> : null}
            {supervisor ? <Exports /> : null}
            <Servers authority={authority} supervisor={supervisor} />
          </div>
        </div>
      );
    case 'cas':
      return <IssuingCas authority={authority} supervisor={supervisor} />;
    case 'trust':
      return (
        <div className="authority">
          {supervisor ? <TrustExport /> : null}
          <Lists supervisor={supervisor} unlocked={authority.lock.state === 'unlocked'} />
        </div>
      );
    case 'profiles':
      return <Profiles />;
  }
}

export function AuthorityScreen(): ReactNode {
  const { t } = useWords();
  const { place } = useNavigation();
  const asked = useAsk('authority.get', {});
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const [tab, setTab] = useState<TabName>(TABS.find((name) => name === place.tab) ?? 'chain');
  const missing = asked.error !== null && failureIn(asked.error).code === 'authority_missing';
  return (
    <Screen
      title={t.authority.title}
      actions={supervisor ? undefined : <span className="dim">{t.authority.supervisorOnly}</span>}
    >
      {missing ? (
        <Empty icon="ui/authority" title={t.authority.missingTitle} next={t.authority.missingNext} />
      ) : asked.error !== null ? (
        <FailureState error={asked.error} retry={() => void asked.refetch()} />
      ) : asked.data === undefined ? null : (
        <Tabs
          className="tabs fill-tabs"
          selectedKey={tab}
          onSelectionChange={(key) => setTab(TABS.find((name) => name === key) ?? 'chain')}
        >
          <TabList className="tab-list" aria-label={t.authority.title}>
            {TABS.map((name) => (
              <Tab key={name} id={name} className="tab">
                {t.authority.tabs[name]}
              </Tab>
            ))}
          </TabList>
          {TABS.map((name) => (
            <TabPanel key={name} id={name} className="tab-panel authority-panel">
              <Content tab={name} authority={asked.data} supervisor={supervisor} />
            </TabPanel>
          ))}
        </Tabs>
      )}
    </Screen>
  );
}
