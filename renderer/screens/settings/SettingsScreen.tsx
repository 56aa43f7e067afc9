// Settings: this window, and, for supervisors, the bench, the people, the backups.

import { type ReactNode, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Note, Screen } from '../../components/parts.tsx';
import { ScrollArea } from '../../components/ScrollArea.tsx';
import { useAsk } from '../../data/station.tsx';
import { useNavigation } from '../../navigation.ts';
import { useWords } from '../../words/words.tsx';
import { AboutTab } from './AboutTab.tsx';
import { BackupTab } from './BackupTab.tsx';
import { BaysTab } from './BaysTab.tsx';
import { LookTab } from './LookTab.tsx';
import { OperatorsTab } from './OperatorsTab.tsx';
import { TargetsTab } from './TargetsTab.tsx';

const TABS = ['look', 'bays', 'targets', 'operators', 'backup', 'about'] as const;
type TabName = (typeof TABS)[number];
const FOR_SUPERVISORS: readonly TabName[] = ['bays', 'operators', 'backup'];

function Content({ tab }: { tab: TabName }): ReactNode {
  switch (tab) {
    case 'look':
      return <LookTab />;
    case 'bays':
      return <BaysTab />;
    case 'targets':
      return <TargetsTab />;
    case 'operators':
      return <OperatorsTab />;
    case 'backup':
      return <BackupTab />;
    case 'about':
      return <AboutTab />;
  }
}

export function SettingsScreen(): ReactNode {
  const { t } = useWords();
  const { place } = useNavigation();
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const [tab, setTab] = useState<TabName>(TABS.find((name) => name === place.tab) ?? 'look');
  return (
    <Screen title={t.settings.title}>
      <Tabs
        className="tabs fill-tabs"
        selectedKey={tab}
        onSelectionChange={(key) => setTab(TABS.find((name) => name === key) ?? 'look')}
      >
        <TabList className="tab-list" aria-label={t.settings.title}>
          {TABS.map((name) => (
            <Tab key={name} id={name} className="tab">
              {t.settings.tabs[name]}
            </Tab>
          ))}
        </TabList>
        {TABS.map((name) => (
          <TabPanel key={name} id={name} className="tab-panel settings-tab">
            <ScrollArea className="settings-scroll">
              {supervisor || !FOR_SUPERVISORS.includes(name) ? (
                <Content tab={name} />
              ) : (
                <Note icon="ui/lock">
                  <p>{t.settings.supervisorOnly}</p>
                </Note>
              )}
            </ScrollArea>
          </TabPanel>
        ))}
      </Tabs>
    </Screen>
  );
}
